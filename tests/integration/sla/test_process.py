"""The real process on real Kafka and PostgreSQL: killed in the middle of a burst, started again."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4, uuid5

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.embedded.programs import Starter, execute
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import ItemId
from shared.platform.kafka import topics
from tests.integration.sla.conftest import Clocks
from tests.own_processes import OwnProcess, begin
from tests.roles import one_transaction, under_role
from tests.unit.sla.builders import AGENT, NAMES, Register, paris

PATIENCE = 400.0
BURST = 4000

CLONE = """
    INSERT INTO sla.items (item_id, chrono, service, plan, standing, wake_at, edition)
    SELECT clone, chrono, service, plan, replace(standing, item_id::text, clone::text), wake_at,
           edition
    FROM sla.items, unnest($1::uuid[]) AS clone
"""
"""A burst: the item that stands there, as often as it is wanted."""


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await reached():
        assert time.monotonic() < deadline, "not reached in time"
        await asyncio.sleep(0.02)


class Site:
    """One préfecture's topics and database, and the processes that run on them."""

    def __init__(self, clocks: Clocks, postgres_url: str, kafka: str) -> None:
        self.clocks = clocks
        self.kafka = kafka
        self._owner = postgres_url
        self.prefix = f"t{uuid4().hex[:8]}."
        self._environment = {
            **os.environ,
            "VAGUEMESTRE_DATABASE_URL": under_role(postgres_url, "sla"),
            "VAGUEMESTRE_KAFKA": kafka,
            "VAGUEMESTRE_PREFIX": self.prefix,
            "VAGUEMESTRE_INSTANCE": "sla",
            "VAGUEMESTRE_START_WAIT": "PT5M",
        }

    async def story(self, moment: Any) -> None:
        async with one_transaction(self._owner) as owner:
            await owner.execute(
                """INSERT INTO site.story (moment) VALUES ($1)
                   ON CONFLICT (single) DO UPDATE SET moment = excluded.moment""",
                moment,
            )

    @asynccontextmanager
    async def running(self, start: Starter) -> AsyncIterator[OwnProcess]:
        process = await begin(start, "sla", "run", environment=self._environment)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), PATIENCE)

    async def tell(self, register: Register) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka)
        await producer.start()
        try:
            for fact in register.facts:
                await producer.send_and_wait(
                    f"{self.prefix}items", fact.model_dump_json().encode(), fact.key.encode()
                )
        finally:
            await producer.stop()

    async def told(self) -> list[Any]:
        """Every record of `clocks`, repetitions included."""
        consumer = AIOKafkaConsumer(
            f"{self.prefix}clocks", bootstrap_servers=self.kafka, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            found, partitions = [], consumer.assignment()
            ends = await consumer.end_offsets(partitions)
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [CLOCKS.validate_json(record.value) for record in records]
            return found
        finally:
            await consumer.stop()

    async def outbox_is_empty(self) -> bool:
        return not await self.clocks.pool.fetchval("SELECT EXISTS (SELECT FROM sla.outbox_waiting)")

    async def due(self) -> int:
        return int(
            await self.clocks.pool.fetchval(
                "SELECT count(*) FROM sla.items WHERE wake_at <= $1", paris(15, 6)
            )
        )


@pytest.fixture
async def site(clocks: Clocks, postgres_url: str, kafka_address: str) -> Site:
    site = Site(clocks, postgres_url, kafka_address)
    await topics.provision(kafka_address, site.prefix, replication=1)
    await site.story(paris(11, 12))
    return site


async def test_from_registration_to_the_first_rung_and_a_story_that_jumps(site: Site) -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    async with site.running(execute):
        await site.tell(register)

        async def started() -> bool:
            return bool(await site.clocks.pool.fetchval("SELECT count(*) FROM sla.running"))

        await until(started)
        await site.story(paris(21, 6))

        async def rung() -> bool:
            standing = await site.clocks.pool.fetchval("SELECT standing FROM sla.items")
            return '"+1"' in standing.split('"reply"')[1]

        await until(rung)
        await until(site.outbox_is_empty)
    replies = [fact for fact in await site.told() if getattr(fact, "clock", "") == "reply"]
    assert [(fact.type, getattr(fact, "rung", "")) for fact in replies] == [
        ("ClockStarted", ""),
        ("RungReached", "-2"),
        ("RungReached", "+1"),
    ]


async def test_killed_in_the_middle_of_a_burst_it_tells_every_rung_exactly_once(
    site: Site, fork: Starter
) -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    await site.clocks.hear(register.facts, paris(11))
    await site.clocks.wake(paris(14))
    await site.clocks.new()
    clones = [ItemId(uuid5(NAMES, f"clone {number}")) for number in range(BURST - 1)]
    await site.clocks.pool.execute(CLONE, clones)
    kills = 0
    await site.story(paris(15, 6))
    while await site.due():
        async with site.running(fork) as process:
            left = await site.due()

            async def half_way(left: int = left) -> bool:
                return await site.due() < max(1, left - BURST // 3)

            await until(half_way)
            if await site.due():
                process.kill()
                kills += 1
    async with site.running(fork):
        await until(site.outbox_is_empty)
    assert kills
    reached = {f.event_id: f for f in await site.told() if f.type == "RungReached"}
    told = Counter((fact.item_id, fact.clock, fact.rung) for fact in reached.values())
    assert told == Counter({(item, "reply", "-2"): 1 for item in [register.item, *clones]})
