"""A process starts or says why not, survives its servers, and ends in good order."""

import os
import signal
import time
from collections.abc import Awaitable, Callable

import psutil
import pytest

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.postgres import PostgresServer
from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox
from shared.platform.postgres.schema_version import VERSION
from tests.plumbing_process import Running, taken
from tests.plumbing_reader import POISON, said

Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]
Start = Callable[..., Awaitable[Running]]

IN_TIME = 30
"""Ten seconds on a machine that has nothing else to do; what hangs takes a minute."""


async def test_asked_to_end_it_ends_within_ten_seconds_and_loses_nothing(
    pool: Pool, postgres_url: str, start: Start, publish: Publish, eventually: Eventually
) -> None:
    del pool
    running = await start()
    await eventually(running.status, 200)
    await publish(said("a", 1))
    await eventually(lambda: taken(postgres_url), [("a", 1)])
    asked = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    code, lines = await running.ended()
    assert (code, lines[-1]["event"]) == (0, "process_ended")
    assert time.monotonic() - asked < IN_TIME


async def test_it_weighs_less_than_ninety_megabytes(
    pool: Pool, start: Start, eventually: Eventually
) -> None:
    del pool
    running = await start()
    await eventually(running.status, 200)
    assert psutil.Process(running.process.pid).memory_info().rss < 90 * 2**20


async def test_scrapes_keep_their_connections_and_wait_for_no_work(
    pool: Pool, start: Start, eventually: Eventually
) -> None:
    running = await start()
    await eventually(running.status, 200)
    seen = list[set[int]]()
    for _ in range(3):
        status, body = await running.get("/metrics")
        assert status == 200
        assert b"vaguemestre_outbox_facts" in body
        rows = await pool.fetch(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'vaguemestre % metrics'"
        )
        seen.append({row["pid"] for row in rows})
    assert seen[0]
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"VAGUEMESTRE_KAFKA": "127.0.0.1:1", "VAGUEMESTRE_START_WAIT": "PT3S"},
            "Kafka does not answer at 127.0.0.1:1",
        ),
        (
            {
                "VAGUEMESTRE_DATABASE_URL": "postgresql://me:hidden@127.0.0.1:1/letters",
                "VAGUEMESTRE_START_WAIT": "PT3S",
            },
            "PostgreSQL does not let us in at 127.0.0.1:1/letters",
        ),
        ({"VAGUEMESTRE_PREFIX": "nobody."}, "run `vaguemestre topics`"),
    ],
)
async def test_without_its_servers_or_topics_it_says_so_in_one_line_and_exits(
    start: Start, variables: dict[str, str], sentence: str
) -> None:
    code, lines = await (await start(**variables)).ended()
    assert code == 1
    assert len(lines) == 1
    assert sentence in lines[0]["why"]
    assert "trace" not in lines[0]
    assert "hidden" not in str(lines)


async def test_without_its_migrations_it_says_which_command_makes_them(
    start: Start, postgres_server_url: str
) -> None:
    running = await start(VAGUEMESTRE_DATABASE_URL=postgres_server_url)
    code, lines = await running.ended()
    assert code == 1
    assert "run `vaguemestre migrate`" in lines[-1]["why"]


async def test_a_database_that_needs_a_later_program_is_refused_in_one_sentence(
    pool: Pool, start: Start
) -> None:
    await pool.execute("UPDATE site.schema SET min_version = $1", VERSION + 1)
    code, lines = await (await start()).ended()
    assert (code, len(lines)) == (1, 1), lines
    assert lines[0]["why"] == (
        f"This database needs a program of version {VERSION + 1} or later, and this one is"
        f" {VERSION}: install the newer program, or restore the backup made before it migrated."
    )
    assert "trace" not in lines[0]


async def test_when_everything_fails_it_exits_with_code_three_and_commits_nothing(
    pool: Pool, start: Start, publish: Publish
) -> None:
    await publish(*[said(f"item {n}", POISON) for n in range(25)])
    code, lines = await (await start()).ended()
    assert code == 3
    assert "25 different keys of topic items in a row fail" in lines[-1]["why"]
    assert await pool.fetchval("SELECT count(*) FROM sla.dead_letters") == 0


async def test_postgresql_goes_away_and_comes_back_and_nothing_is_lost(
    pool: Pool,
    postgres_url: str,
    postgres_server: PostgresServer,
    start: Start,
    publish: Publish,
    eventually: Eventually,
) -> None:
    await pool.expire_connections()
    running = await start()
    await eventually(running.status, 200)
    postgres_server.stop()
    try:
        await publish(said("a", 1), said("a", 2))
        await eventually(running.status, 503)
        _, checks = await running.health()
        assert not checks["database"]["ok"]
    finally:
        postgres_server.start()
    await eventually(running.status, 200)
    await eventually(lambda: taken(postgres_url), [("a", 1), ("a", 2)])
    assert running.process.returncode is None


async def test_kafka_goes_away_and_comes_back_and_nothing_is_lost(
    pool: Pool,
    postgres_url: str,
    kafka_server: KafkaServer,
    start: Start,
    publish: Publish,
    eventually: Eventually,
) -> None:
    del pool
    running = await start()
    await eventually(running.status, 200)
    kafka_server.stop()
    try:
        await eventually(running.status, 503)
        _, checks = await running.health()
        assert checks["database"]["ok"]
        assert not checks["kafka"]["ok"]
    finally:
        kafka_server.start()
    await publish(said("a", 1))
    await eventually(lambda: taken(postgres_url), [("a", 1)])
    await eventually(running.status, 200)


async def test_asked_to_end_while_kafka_is_away_it_still_ends_within_ten_seconds(
    pool: Pool, kafka_server: KafkaServer, start: Start, eventually: Eventually
) -> None:
    del pool
    running = await start()
    # Kafka may have been started again just before: only the end is timed.
    await eventually(running.status, 200)
    kafka_server.stop()
    try:
        asked = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        code, _ = await running.ended()
        assert code == 0
        assert time.monotonic() - asked < IN_TIME
    finally:
        kafka_server.start()


async def test_asked_to_end_while_kafka_hangs_with_facts_to_tell_it_ends_within_ten_seconds(
    pool: Pool, kafka_server: KafkaServer, start: Start, eventually: Eventually
) -> None:
    running = await start()
    await eventually(running.status, 200)
    os.kill(kafka_server.child.pid, signal.SIGSTOP)
    try:
        async with transaction(pool) as connection:
            await outbox.put(connection, "sla", [said("a", 1)])
        asked = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        code, _ = await running.ended()
        assert code == 0
        assert time.monotonic() - asked < IN_TIME
        assert await pool.fetchval("SELECT count(*) FROM sla.outbox_waiting") == 1
    finally:
        os.kill(kafka_server.child.pid, signal.SIGCONT)
        # Its controller sets it apart for a moment, which may begin later: begun anew, it is whole.
        kafka_server.stop()
        kafka_server.start()
