"""A relay that runs for the length of a block, and what it brought to Kafka."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer

from shared.platform.messaging.relay import Relay
from tests.plumbing_reader import Said


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        relay.stop()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, 300)


async def told(kafka: str, prefix: str, count: int, *, records: int = 0) -> Sequence[Said]:
    """The first `count` different facts on the topic, and what repeats them, in order.

    `records`: how many there are at least, repetitions counted.
    """
    consumer = AIOKafkaConsumer(
        f"{prefix}items", bootstrap_servers=kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        facts: list[Said] = []
        async with asyncio.timeout(300):
            while len({fact.event_id for fact in facts}) < count or len(facts) < records:
                record = await consumer.getone()
                facts.append(Said.model_validate_json(record.value))
        return facts
    finally:
        await consumer.stop()
