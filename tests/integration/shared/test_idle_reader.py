"""A reader of an idle topic waits long for the next record, and has it as soon as it comes."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.platform.kafka.record_consumer import RecordConsumer
from tests.plumbing_reader import said

Publish = Callable[..., Awaitable[None]]
PATIENCE = 300
AN_HOUR_MS = 3_600_000


async def test_the_next_record_ends_a_long_wait_and_so_does_the_end(
    kafka_address: str, prefix: str, publish: Publish
) -> None:
    consumer = RecordConsumer(
        f"{prefix}items",
        idle_ms=AN_HOUR_MS,
        bootstrap_servers=kafka_address,
        group_id=f"{prefix}idle",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        waiting = asyncio.create_task(consumer.getmany(timeout_ms=50))
        done, _ = await asyncio.wait({waiting}, timeout=0.5)
        assert not done, "ten times as long as it was asked to"
        await publish(said("a", 1))
        taken = await asyncio.wait_for(waiting, PATIENCE)
        assert [len(records) for records in taken.values()] == [1]
        assert await consumer.getmany() == {}, "whoever does not want to wait does not"
        waiting = asyncio.create_task(consumer.getmany(timeout_ms=50))
        await asyncio.sleep(0)
    finally:
        await consumer.stop()
    await asyncio.wait_for(asyncio.gather(waiting, return_exceptions=True), PATIENCE)
