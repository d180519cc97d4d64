"""A process starts or says why not, survives its servers, and ends in good order."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import PostgresServer
from shared import outbox
from shared.database import Pool, transaction
from tests.plumbing_reader import POISON, said

Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]
Start = Callable[..., Awaitable["Running"]]

IN_TIME = 30
"""Ten seconds on a machine that has nothing else to do; what hangs takes a minute."""
PROJECT = Path(__file__).resolve().parents[3]


@dataclass
class Running:
    """The reader of tests/plumbing_reader.py as a process of its own."""

    process: asyncio.subprocess.Process
    port: int

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Status and checks; 0 before it listens."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return 0, {}
        writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        return int(head.split()[1]), json.loads(body)["checks"]

    async def status(self) -> int:
        if self.process.returncode is not None:
            pytest.fail(f"It ended: {await self.ended()}")
        return (await self.health())[0]

    async def ended(self, within: float = 60) -> tuple[int, list[dict[str, Any]]]:
        """Exit code, and the lines of its log."""
        _, said = await asyncio.wait_for(self.process.communicate(), within)
        assert self.process.returncode is not None
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]


@pytest.fixture
async def start(postgres_url: str, kafka_address: str, prefix: str) -> AsyncIterator[Start]:
    """Starts the reader; what is still there after the test is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def start(**variables: str) -> Running:
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.plumbing_reader",
            cwd=PROJECT,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ
            | {
                "VAGUEMESTRE_DATABASE_URL": postgres_url,
                "VAGUEMESTRE_KAFKA": kafka_address,
                "VAGUEMESTRE_PREFIX": prefix,
                "VAGUEMESTRE_HTTP_PORT": str(port),
            }
            | variables,
        )
        started.append(process)
        return Running(process, port)

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def taken(url: str) -> list[tuple[str, int]]:
    """Asked on a connection of its own: the server may have been away."""
    connection = await asyncpg.connect(url)
    try:
        rows: Sequence[asyncpg.Record] = await connection.fetch(
            "SELECT item, n FROM sla.effects ORDER BY id"
        )
    finally:
        await connection.close()
    return [tuple(row) for row in rows]


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
    await eventually(running.status, 200, within=100)
    await eventually(lambda: taken(postgres_url), [("a", 1), ("a", 2)], within=100)
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
    await eventually(lambda: taken(postgres_url), [("a", 1)], within=100)
    await eventually(running.status, 200, within=100)


async def test_asked_to_end_while_kafka_is_away_it_still_ends_within_ten_seconds(
    pool: Pool, kafka_server: KafkaServer, start: Start, eventually: Eventually
) -> None:
    del pool
    running = await start()
    # Kafka may have been started again just before: only the end is timed.
    await eventually(running.status, 200, within=100)
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
    await eventually(running.status, 200, within=100)
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
