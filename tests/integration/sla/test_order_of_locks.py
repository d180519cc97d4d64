"""sla takes its locks in one order everywhere (tests/lock_order.py)."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from itertools import permutations
from typing import Any, cast
from uuid import uuid5

import asyncpg

import services.sla
from services.sla import brake, store
from services.sla.handlers import hears_items
from services.sla.readings import hears_readings
from services.sla.steps import BatchContext
from services.sla.ticker import Ticker
from shared.facts.envelope import ArrivalId, EventId, ItemId
from shared.facts.observations import SourceRead
from shared.platform.database import Pool
from tests.integration.sla.conftest import Clocks
from tests.lock_order import Path, PoolOfOne, no_path_waits_for_one_that_waits_for_it
from tests.unit.sla.builders import AGENT, NAMES, Register, paris

NOW = paris(20, hour=7)
"""All rungs but the director's are due."""
UNCHECKED = "0765_running_unchecked.sql"
BEFORE = """
    DROP TRIGGER forget_running ON sla.items;
    DROP TRIGGER forget_all_running ON sla.items;
    DROP FUNCTION sla.forget_running();
    ALTER TABLE sla.running
        ADD CONSTRAINT running_item_id_fkey FOREIGN KEY (item_id) REFERENCES sla.items;
"""
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)"
SOURCES = ("mailbox:pref-bmi", "sent:pref-bmi")


def a_mail(number: int) -> Register:
    register = Register(ItemId(uuid5(NAMES, f"item {number}")))
    register.registered(paris(11), agent=AGENT)
    return register


def paths(clocks: Clocks) -> Mapping[str, Path]:
    """Each hears of, or steps, the same two items, in another order where it may."""

    def ticker(connection: Any) -> Ticker:
        return clocks.ticker(pool=cast("Pool", PoolOfOne(connection)))

    def hears(*numbers: int) -> Path:
        facts = list[Any]()
        for number in numbers:
            register = a_mail(number)
            register.replied(paris(20))
            facts.append(register.facts[-1])
        handle = hears_items(clocks.editions, clocks.counts)
        return lambda connection: handle(connection, facts, NOW)

    def reads(connection: Any) -> Any:
        readings = [
            SourceRead(
                event_id=EventId(uuid5(NAMES, source)), arrival_id=ArrivalId(NAMES), by="source:x",
                happened_at=NOW, recorded_at=NOW, source=source, service=None, until=NOW,
            )
            for source in SOURCES
        ]  # fmt: skip
        return hears_readings(clocks.editions)(connection, readings, NOW)

    async def releases(connection: Any) -> None:
        ground = BatchContext(
            await clocks.editions(connection), await store.sources_read(connection), NOW
        )
        await brake.release(connection, ground, "q.officer", "vu")

    return {
        "hears that both were answered": hears(1, 2),
        "hears it the other way round": hears(2, 1),
        "hears that the sources were read": reads,
        "wakes what is due": lambda connection: ticker(connection).wake(NOW),
        "plans again": lambda connection: ticker(connection).plan_again(NOW),
        "takes back what a clock ahead told": lambda connection: ticker(connection).take_back(
            paris(11) - timedelta(hours=1)
        ),
        "lets go what waits": releases,
    }


async def test_no_path_waits_for_one_that_waits_for_it(clocks: Clocks, postgres_url: str) -> None:
    await clocks.hear([*a_mail(1).facts, *a_mail(2).facts], paris(11))
    await clocks.pool.execute("UPDATE sla.items SET edition = 0")
    every = paths(clocks)
    await no_path_waits_for_one_that_waits_for_it(
        clocks.pool, postgres_url, "sla", every, list(permutations(every, 2))
    )


async def test_the_running_clocks_lose_their_key_beside_a_step_of_the_version_before(
    postgres_url: str,
) -> None:
    step, owner, watch = [await asyncpg.connect(postgres_url) for _ in range(3)]
    await owner.execute(BEFORE)

    async def migrate() -> None:
        async with owner.transaction():
            await owner.execute((files(services.sla) / "sql" / UNCHECKED).read_text())

    async with step.transaction():
        await step.execute("UPDATE sla.items SET awaits = awaits")  # as each step begins
        migrating = asyncio.create_task(migrate())
        while not await watch.fetchval(WAITS, owner.get_server_pid()):
            pass
        await step.execute("DELETE FROM sla.running")
    await migrating
    for connection in (step, owner, watch):
        await connection.close()
