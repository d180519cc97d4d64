"""How far a reader has come is kept with what it took: a database that went back is recognised."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.platform.database import Pool
from shared.platform.kafka import topic_log, topics
from shared.platform.messaging.offset_check import OffsetCheck
from shared.platform.messaging.offsets import KEPT, WentBack
from tests.plumbing_process import Running
from tests.plumbing_process import taken as taken_at
from tests.plumbing_reader import EFFECTS, POISON, said

Listening = Callable[..., AbstractAsyncContextManager["asyncio.Future[None]"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]
Start = Callable[..., Awaitable[Running]]


async def taken(pool: Pool) -> list[int]:
    return [row["n"] for row in await pool.fetch("SELECT n FROM sla.effects ORDER BY id")]


async def row(pool: Pool) -> int | None:
    """Where the partition of the facts of `a` was taken to."""
    found: int | None = await pool.fetchval("SELECT max(next_offset) FROM sla.offsets")
    return found


async def test_how_far_a_batch_goes_is_kept_with_it_dead_letters_included(
    pool: Pool,
    offsets: OffsetCheck,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    await offsets.begin(timedelta(seconds=60))
    assert await pool.fetchval("SELECT count(*) FROM sla.offsets WHERE next_offset = 0") == 12
    await publish(said("a", 1), said("a", POISON), said("a", 2))
    async with listening():
        await eventually(lambda: taken(pool), [1, 2])
    assert await row(pool) == 3
    await offsets.settle()
    assert await row(pool) == 3


async def fail_over(pool: Pool) -> None:
    """To a server that had not heard of the last batch."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM sla.effects WHERE n = 2")
        await connection.execute(
            "DELETE FROM sla.inbox WHERE heard_at = (SELECT max(heard_at) FROM sla.inbox)"
        )
        await connection.execute("UPDATE sla.offsets SET next_offset = 1 WHERE next_offset = 2")


async def test_a_database_that_goes_back_under_a_reader_ends_it_before_it_takes_more(
    pool: Pool,
    offsets: OffsetCheck,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    async with listening() as broken:
        for n in (1, 2):
            await publish(said("a", n))
            await eventually(lambda: row(pool), n)
        await fail_over(pool)
        await publish(said("a", 3))
        with pytest.raises(WentBack, match="it knows what came before 1, and knew what came befo"):
            await asyncio.wait_for(asyncio.shield(broken), 60)
    assert await taken(pool) == [1]
    # Whoever hears nothing, as the pages do, sees it too.
    watching = OffsetCheck(pool, offsets.kafka, offsets.client, offsets.prefix, "sla")
    with pytest.raises(WentBack, match="vaguemestre restored --from"):
        await watching.keep_watched(asyncio.Event())


async def test_what_an_older_program_heard_is_not_taken_for_a_restore(
    pool: Pool,
    offsets: OffsetCheck,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """It commits offsets and keeps no row; so does a person with Kafka's own tool."""
    await publish(said("a", 1))
    async with listening():
        await eventually(lambda: row(pool), 1)
    await publish(said("a", 2))
    place = TopicPartition(
        f"{offsets.prefix}items",
        await pool.fetchval("SELECT partition FROM sla.offsets WHERE next_offset = 1"),
    )
    await commit(offsets, place, 2)
    await publish(said("a", 3))
    async with listening():  # nothing was settled before: the gap is looked into
        await eventually(lambda: taken(pool), [1, 3])
        await eventually(lambda: row(pool), 3)


async def test_a_kafka_that_lost_its_disk_is_heard_from_the_beginning_and_compared(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    await publish(said("a", 1), said("a", 2))
    async with listening():
        await eventually(lambda: row(pool), 2)
    await pool.execute(
        "INSERT INTO sla.crosschecks VALUES ('items', clock_timestamp(), 0, false, NULL)"
    )
    await lose(kafka_address, offsets.prefix)
    await offsets.settle()
    assert await row(pool) == 0
    due = "SELECT checked_at < clock_timestamp() - interval '1 day' FROM sla.crosschecks"
    assert await pool.fetchval(due), "what was lost unheard is told again at once"
    await publish(said("a", 3))
    async with listening():
        await eventually(lambda: taken(pool), [1, 2, 3])
        await eventually(lambda: row(pool), 1)
    await offsets.settle()


async def test_a_process_that_hangs_while_it_sets_a_row_back_is_no_restore(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After Kafka's loss another hears just as far as the row was, before the first goes on."""
    await publish(said("a", 1), said("a", 2))
    async with listening():
        await eventually(lambda: row(pool), 2)
    await lose(kafka_address, offsets.prefix)
    await publish(said("a", 3), said("a", POISON))
    await pool.execute("UPDATE sla.offsets SET next_offset = 3 WHERE next_offset = 2")
    told, goes_on = asyncio.Event(), asyncio.Event()
    commit_it = AIOKafkaConsumer.commit

    async def hanging(consumer: "AIOKafkaConsumer[object, object]", word: object) -> None:
        await commit_it(consumer, word)
        if not told.is_set():
            told.set()
            await goes_on.wait()

    monkeypatch.setattr(AIOKafkaConsumer, "commit", hanging)
    first = asyncio.create_task(offsets.settle())
    await asyncio.wait_for(told.wait(), 60)

    async def second() -> None:
        await offsets.settle()
        await publish(said("a", 4))
        async with listening():
            await eventually(lambda: taken(pool), [1, 2, 3, 4])
            await eventually(lambda: row(pool), 3)
            await eventually(lambda: word(offsets), 3)

    async def waits() -> bool:
        return other.done() or await pool.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database())"
        )

    other = asyncio.create_task(second())
    await eventually(waits, expected=True)
    goes_on.set()
    await asyncio.gather(first, other)
    await offsets.settle()


async def test_a_row_that_another_sets_back_between_two_looks_is_no_restore(
    pool: Pool,
    offsets: OffsetCheck,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await publish(said("a", 1))
    async with listening():
        await eventually(lambda: word(offsets), 1)
    look = topic_log.committed_offsets

    async def overtaken(*asked: Any) -> Any:
        """The first look is at what Kafka said before another process set both back."""
        seen = await look(*asked)
        monkeypatch.setattr(topic_log, "committed_offsets", look)
        partition = await pool.fetchval("SELECT partition FROM sla.offsets WHERE next_offset = 1")
        await commit(offsets, TopicPartition(f"{offsets.prefix}items", partition), (0, KEPT))
        await pool.execute("UPDATE sla.offsets SET next_offset = 0")
        return seen

    monkeypatch.setattr(topic_log, "committed_offsets", overtaken)
    await offsets.settle()
    assert await row(pool) == 0


async def commit(offsets: OffsetCheck, place: TopicPartition, word: int | tuple[int, str]) -> None:
    """As another program does, or a person with Kafka's own tool."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=offsets.kafka,
        group_id=f"{offsets.prefix}sla.items",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        consumer.assign([place])
        await consumer.commit({place: word})
    finally:
        await consumer.stop()


async def word(offsets: OffsetCheck) -> int:
    """What Kafka was told of the reader of items."""
    committed = await topic_log.committed_offsets(offsets.client, f"{offsets.prefix}sla.items")
    return max((position.offset for position in committed.values()), default=0)


async def lose(kafka: str, prefix: str) -> None:
    """The topics' records go; the groups' offsets stay, as when only the end of a log is lost."""
    names = [topics.name_of(plan.topic, prefix) for plan in topics.TABLE]
    async with topics.admin(kafka) as client:
        await client.delete_topics(names)
    for _ in range(600):
        if len(await topics.missing_topics(kafka, prefix)) == len(names):
            break
        await asyncio.sleep(0.1)
    await topics.provision(kafka, prefix, replication=1)


async def test_a_database_restored_to_an_earlier_moment_is_refused_in_one_sentence(
    postgres_server_url: str,
    postgres_url: str,
    prefix: str,
    start: Start,
    publish: Publish,
    eventually: Eventually,
) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(EFFECTS)
    await connection.close()

    async def heard(*effects: tuple[str, int]) -> None:
        running = await start()
        await eventually(lambda: taken_at(postgres_url), list(effects))
        running.process.send_signal(signal.SIGTERM)
        await running.ended()

    await publish(said("a", 1))
    await heard(("a", 1))
    server = await asyncpg.connect(postgres_server_url)
    database = urlsplit(postgres_url).path.strip("/")
    await server.execute(f'CREATE DATABASE "{database}_noon" TEMPLATE "{database}"')
    try:
        noon = urlsplit(postgres_url)._replace(path=f"/{database}_noon").geturl()
        await publish(said("a", 2))
        await heard(("a", 1), ("a", 2))
        code, lines = await (await start(VAGUEMESTRE_DATABASE_URL=noon)).ended()
        assert (code, len(lines)) == (1, 1), lines
        assert "restored or failed over to an earlier state" in lines[0]["why"]
        assert f"`vaguemestre restored --from {prefix}`" in lines[0]["why"]
        assert await taken_at(noon) == [("a", 1)]
    finally:
        await server.execute(f'DROP DATABASE "{database}_noon" WITH (FORCE)')
        await server.close()
