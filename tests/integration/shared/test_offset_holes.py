"""An offset need hold no record: what stands behind it is taken all the same."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.errors import TemporaryFailure
from shared.platform.database import Connection, Pool
from shared.platform.kafka import topic_log, topics
from shared.platform.messaging import dead_letters
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.offset_check import OffsetCheck
from shared.platform.messaging.subscription import RejectedFact, Subscription
from tests.integration.shared.test_offsets import row, taken
from tests.plumbing_reader import EAR, Said, said, take

ITEMS = [f"item {n}" for n in range(40)]
"""Of every partition some."""
SECONDS = 120.0
_LONG_AGO, _DAY = 1_750_000_000_000, 86_400_000
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


@pytest.mark.parametrize("fails", [False, True])
async def test_a_partition_that_moves_while_its_batch_is_in_hand_loses_and_repeats_nothing(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    prefix: str,
    listening: Listening,
    listeners: list[Consumer[Any]],
    eventually: Eventually,
    *,
    fails: bool,
) -> None:
    """Whether the batch is taken in the end or not, and behind offsets that hold no record."""
    in_hand, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly(
        connection: Connection, facts: Sequence[Said], now: datetime
    ) -> Sequence[RejectedFact[Said]]:
        if any(fact.n == 2 for fact in facts) and not in_hand.is_set():
            in_hand.set()
            await asyncio.wait_for(goes_on.wait(), SECONDS)
            if fails:
                raise TemporaryFailure("Its partitions are somebody else's by now.")
        return await take(connection, facts, now)

    async def moved() -> bool:
        """Whether each of the two has some of the partitions."""
        shares = [
            len(reader.subscriber.consumer.assignment()) for reader in listeners if reader.assigned
        ]
        return len(shares) == 2 and all(shares)

    async def known() -> list[tuple[str, int]]:
        rows = await pool.fetch("SELECT item, n FROM sla.effects ORDER BY n, item")
        return [(row["item"], row["n"]) for row in rows]

    def told(last: int) -> list[tuple[str, int]]:
        return [(item, n) for n in range(1, last + 1) for item in sorted(ITEMS)]

    async with AIOKafkaProducer(
        bootstrap_servers=kafka_address, transactional_id=f"{prefix}foreign"
    ) as foreign:

        async def in_a_transaction(n: int) -> None:
            async with foreign.transaction():
                for item in ITEMS:
                    octets = said(item, n).model_dump_json().encode()
                    await foreign.send(f"{prefix}items", octets, key=item.encode())

        async with listening(Subscription(EAR.topic, EAR.decode, slowly)) as first:
            await in_a_transaction(1)
            await eventually(known, told(1))
            await in_a_transaction(2)
            await asyncio.wait_for(in_hand.wait(), SECONDS)
            async with listening() as second:
                await eventually(moved, expected=True, within=SECONDS)
                goes_on.set()
                await eventually(known, told(2), SECONDS)
                await in_a_transaction(3)
                await eventually(known, told(3), SECONDS)
                assert not second.done()
            await in_a_transaction(4)
            await eventually(known, told(4), SECONDS)
            assert not first.done()
    assert await dead_letters.count(pool, "sla") == 0
    before = await pool.fetch("SELECT * FROM sla.offsets ORDER BY topic, partition")
    await offsets.settle()
    assert await pool.fetch("SELECT * FROM sla.offsets ORDER BY topic, partition") == before


async def test_what_compaction_took_away_hinders_no_reader(
    pool: Pool,
    kafka_address: str,
    prefix: str,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """A setting that an operator made, and that `vaguemestre topics` calls an error."""
    name = f"{prefix}items"
    place = TopicPartition(name, 3)
    async with AIOKafkaProducer(bootstrap_servers=kafka_address) as foreign:

        async def put(item: str, n: int) -> None:
            """A day after the one before, so that segments end: the last one is not compacted."""
            octets, at = said(item, n).model_dump_json().encode(), _LONG_AGO + n * _DAY
            await foreign.send_and_wait(name, octets, item.encode(), 3, timestamp_ms=at)

        async def held() -> list[int]:
            records = [record async for record in topic_log.held_records(kafka_address, name)]
            return [record.offset for record in records if record.partition == place.partition]

        async with topics.admin(kafka_address) as client:
            await client.alter_configs(
                [
                    ConfigResource(
                        ConfigResourceType.TOPIC,
                        name,
                        {
                            "cleanup.policy": "compact",
                            "min.cleanable.dirty.ratio": "0",
                            "segment.ms": "60000",
                        },
                    ),
                ]
            )
        await put("a", 1)
        async with listening():
            await eventually(lambda: taken(pool), [1])
        for item, n in (("b", 2), ("b", 3), ("c", 4), ("d", 5), ("e", 6)):
            await put(item, n)
        await eventually(held, [0, 2, 3, 4, 5], SECONDS)
        async with listening():
            await eventually(lambda: taken(pool), [1, 3, 4, 5, 6])
            await put("f", 7)
            await eventually(lambda: taken(pool), [1, 3, 4, 5, 6, 7])
    assert await dead_letters.count(pool, "sla") == 0
