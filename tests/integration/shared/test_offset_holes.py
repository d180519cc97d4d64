"""An offset need hold no record: what stands behind it is taken all the same."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.platform.database import Pool
from shared.platform.messaging.offset_check import OffsetCheck
from tests.integration.shared.test_offsets import row, taken
from tests.plumbing_reader import said

Listening = Callable[..., AbstractAsyncContextManager["Any"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]


async def test_offsets_that_hold_no_record_hinder_no_reader(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    prefix: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """As behind each transaction of a producer: its marker has an offset, and is given to nobody.

    While the reader is there, and when it comes back.
    """
    async with AIOKafkaProducer(
        bootstrap_servers=kafka_address, transactional_id=f"{prefix}foreign"
    ) as foreign:

        async def in_a_transaction(n: int) -> None:
            async with foreign.transaction():
                fact = said("a", n)
                octets = fact.model_dump_json().encode()
                await foreign.send_and_wait(f"{prefix}items", octets, key=fact.key.encode())

        async with listening():
            await in_a_transaction(1)
            await eventually(lambda: taken(pool), [1])
            await publish(said("a", 2))
            await eventually(lambda: taken(pool), [1, 2])
            await in_a_transaction(3)
            await eventually(lambda: taken(pool), [1, 2, 3])
    await publish(said("a", 4), said("a", 5))
    async with listening():
        await eventually(lambda: taken(pool), [1, 2, 3, 4, 5])
    assert await row(pool) == 7
    await offsets.settle()
    assert await row(pool) == 7
