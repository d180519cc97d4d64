"""`desk keep` as a process, between a real Kafka and a real PostgreSQL."""

import asyncio
import os
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.embedded.ports import free_port
from deploy.embedded.programs import Starter, execute
from shared.facts.arrivals import Arrivals
from shared.facts.envelope import EventId, Topic
from shared.facts.items import ITEMS, Items
from shared.facts.items.evidence import EvidenceSealed
from shared.platform.database import Pool
from shared.platform.kafka import topics
from tests.desk_builders import an_arrival, certain, digest
from tests.own_processes import OwnProcess, begin

pytestmark = pytest.mark.usefixtures("live_site")

PATIENCE = 400.0
"""Seconds, of what hangs: on a busy machine a process takes long to start."""


class Stand:
    """A préfecture of its own on the run's Kafka, and its `desk keep`."""

    def __init__(self, kafka: str, variables: dict[str, str], log: Path) -> None:
        self.kafka = kafka
        self.prefix = f"t{uuid4().hex[:8]}."
        self._variables = {
            **os.environ,
            **variables,
            "VAGUEMESTRE_KAFKA": kafka,
            "VAGUEMESTRE_PREFIX": self.prefix,
            "VAGUEMESTRE_INSTANCE": "keep",
            "VAGUEMESTRE_START_WAIT": "PT5M",
        }
        self._log = log

    async def begin(self, start: Starter, command: str, **more: str) -> OwnProcess:
        variables = self._variables | more
        return await begin(start, "desk", command, environment=variables, log=self._log)

    async def tell(self, arrivals: Sequence[Arrivals]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, enable_idempotence=True)
        await producer.start()
        try:
            topic = topics.name_of(Topic.ARRIVALS, self.prefix)
            sent = [
                await producer.send(
                    topic, arrival.model_dump_json().encode(), key=arrival.key.encode()
                )
                for arrival in arrivals
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def told(self, count: int) -> Sequence[Items]:
        """The first facts of `items` about an item, at least `count` different ones.

        What a killed relay told twice is one; seals are of the night.
        """
        consumer = AIOKafkaConsumer(
            topics.name_of(Topic.ITEMS, self.prefix),
            bootstrap_servers=self.kafka,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        facts: dict[EventId, Items] = {}
        deadline = time.monotonic() + PATIENCE
        try:
            while len(facts) < count and time.monotonic() < deadline:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    heard = [ITEMS.validate_json(record.value) for record in records]
                    facts |= {
                        fact.event_id: fact
                        for fact in heard
                        if not isinstance(fact, EvidenceSealed)
                    }
        finally:
            await consumer.stop()
        return list(facts.values())

    def said(self) -> str:
        return self._log.read_text()


@pytest.fixture
async def stand(kafka_address: str, environment: dict[str, str], tmp_path: Path) -> Stand:
    one = Stand(kafka_address, environment, tmp_path / "keep.log")
    await topics.provision(kafka_address, one.prefix, replication=1)
    return one


@asynccontextmanager
async def running(
    stand: Stand, start: Starter, command: str = "keep", **more: str
) -> AsyncIterator[OwnProcess]:
    process = await stand.begin(start, command, **more)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def until(condition: Callable[[], Awaitable[bool]], stand: Stand) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        assert time.monotonic() < deadline, stand.said()[-3000:]
        await asyncio.sleep(0.05)


async def test_a_letter_comes_in_by_kafka_and_leaves_as_facts(pool: Pool, stand: Stand) -> None:
    async with running(stand, execute) as process:
        await stand.tell([an_arrival(routing=certain())])
        (registered,) = await stand.told(1)
        assert registered.type == "ItemRegistered"
        year = registered.recorded_at.astimezone(ZoneInfo("Europe/Paris")).year
        assert registered.chrono == f"36-{year}-A-000001"
        assert await pool.fetchval("SELECT count(*) FROM desk.items") == 1
        process.terminate()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0, stand.said()[-3000:]


async def test_killed_in_a_burst_nothing_is_lost_nothing_double_and_no_chrono_missing(
    pool: Pool, stand: Stand, fork: Starter
) -> None:
    burst = [
        an_arrival(f"burst {n}", correspondent=digest(f"sender {n}"), routing=certain())
        for n in range(500)
    ]
    copies = [
        an_arrival(f"copy {n}", fingerprint=digest(f"content burst {n}"), routing=certain())
        for n in range(0, 500, 10)
    ]

    async def registered(at_least: int) -> bool:
        return (await pool.fetchval("SELECT count(*) FROM desk.arrivals")) >= at_least  # type: ignore[no-any-return]  # the library says no type

    await stand.tell([*burst, *copies])
    for at_least in (1, 200):
        async with running(stand, fork) as process:
            await until(lambda least=at_least: registered(least), stand)  # type: ignore[misc]  # asked where it stands
            process.kill()
            await process.wait()
    async with running(stand, fork):
        await until(lambda: registered(550), stand)
        facts = await stand.told(500)

    words = dict(
        [
            tuple(row)
            for row in await pool.fetch(
                "SELECT word, count(*)::int FROM desk.arrivals GROUP BY word"
            )
        ]
    )
    assert words == {"item": 500, "copy": 50}
    chronos = await pool.fetch("SELECT chrono FROM desk.items ORDER BY chrono")
    numbers = [int(row["chrono"].rpartition("-")[2]) for row in chronos]
    assert numbers == list(range(1, 501))
    assert len(facts) == 500
    assert await pool.fetchval("SELECT count(*) FROM desk.dead_letters") == 0


async def test_the_pages_leave_this_machine_by_https_alone(stand: Stand, fork: Starter) -> None:
    async with running(stand, fork, "serve", VAGUEMESTRE_HTTP_HOST="0.0.0.0") as process:  # noqa: S104  (what is refused)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 1
    assert "VAGUEMESTRE_DESK_URL" in stand.said()


async def test_the_port_of_the_pages_tells_neither_figures_nor_health(
    stand: Stand, fork: Starter
) -> None:
    port, own = str(free_port()), str(free_port())

    async def answers() -> bool:
        return "S’identifier" in (await asked(port, "/"))[1]

    ports = {"VAGUEMESTRE_HTTP_PORT": port, "VAGUEMESTRE_HEALTH_PORT": own}
    async with running(stand, fork, "serve", **ports):
        await until(answers, stand)
        assert "vaguemestre_" in (await asked(own, "/metrics"))[1]
        assert '"checks"' in (await asked(own, "/health"))[1]
        for path in ("/metrics", "/health", "/ready", "/live"):
            status, shown = await asked(port, path)
            assert status == 404, path
            assert "vaguemestre_" not in shown
            assert '"checks"' not in shown


async def asked(port: str, path: str) -> tuple[int, str]:
    """Status and text of what it answers, wherever that leads; 0 while nobody listens."""

    def read() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    return await asyncio.to_thread(read)
