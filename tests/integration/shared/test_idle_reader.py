"""How long a reader waits: for the first record, and for others to share a batch with it."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.platform.kafka.record_consumer import RecordConsumer
from shared.platform.turn_rate import AT_ONCE
from tests.plumbing_reader import said

Publish = Callable[..., Awaitable[None]]
PATIENCE = 300
AN_HOUR_MS = 3_600_000
LONG_MS, SHORT_MS = 60_000, 500


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


async def test_what_follows_a_batch_gathers_unless_that_was_full(
    kafka_address: str, prefix: str, publish: Publish
) -> None:
    consumer = RecordConsumer(
        f"{prefix}items",
        idle_ms=AN_HOUR_MS,
        gather_ms=AN_HOUR_MS,
        bootstrap_servers=kafka_address,
        group_id=f"{prefix}gathering",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        await publish(said("a", 1), said("a", 2), said("a", 3))
        for _ in range(2):
            taken = await asyncio.wait_for(consumer.getmany(timeout_ms=50, max_records=1), PATIENCE)
            assert sum(map(len, taken.values())) == 1, "full: the next one is given at once"
        await asyncio.wait_for(consumer.getmany(timeout_ms=50), PATIENCE)
        for number in range(4, 3 + AT_ONCE):
            await publish(said("a", number))
            await asyncio.wait_for(consumer.getmany(timeout_ms=50), PATIENCE)
        await publish(said("a", 3 + AT_ONCE))
        waiting = asyncio.create_task(consumer.getmany(timeout_ms=50))
        done, _ = await asyncio.wait({waiting}, timeout=0.5)
        assert not done, "the record is there, and others may come"
        waiting.cancel()
        async with asyncio.timeout(PATIENCE):
            while not (taken := await consumer.getmany()):  # noqa: ASYNC110  (Kafka answers)
                await asyncio.sleep(0.01)
        assert [record.offset for records in taken.values() for record in records] == [2 + AT_ONCE]
    finally:
        await consumer.stop()


async def test_what_follows_a_record_that_lay_untaken_is_not_behind_a_long_wait(
    kafka_address: str, prefix: str, publish: Publish
) -> None:
    consumer = RecordConsumer(
        f"{prefix}items",
        idle_ms=LONG_MS,
        gather_ms=SHORT_MS,
        fetch_max_wait_ms=LONG_MS,
        request_timeout_ms=2 * LONG_MS,
        bootstrap_servers=kafka_address,
        group_id=f"{prefix}untaken",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        heard = list[int]()
        for number in range(AT_ONCE + 4):
            await publish(said("a", number))
            # Once batches are kept apart, each record lies there for so long.
            async with asyncio.timeout(LONG_MS / 2000):
                taken = await consumer.getmany(timeout_ms=50)
            heard += [record.offset for records in taken.values() for record in records]
        assert heard == list(range(AT_ONCE + 4))
    finally:
        await consumer.stop()
