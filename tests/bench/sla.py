"""How fast the clocks are, beside this machine's raw limit: `make bench WHAT=sla`.

Everything runs on one embedded PostgreSQL with fsync on. The raw limit writes the same rows — item,
outbox — in the same batches without deciding anything; the bench fails if a rung is missing.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4, uuid5

import asyncpg
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from deploy.embedded.postgres import PostgresServer
from services.sla.domain.plan import plan
from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.ticker import Ticker
from shared.facts.envelope import ItemId
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.postgres.migrate import migrate
from shared.site import store
from tests.unit.sla.builders import (
    AGENT,
    BOOK,
    METROPOLE,
    NAMES,
    OTHER,
    Register,
    Story,
    a_site,
    paris,
)

ITEMS = 20_000
ASLEEP = 200_000
BATCH = 500
ROUNDS = 3

CLONE = """
    INSERT INTO sla.items (item_id, chrono, service, plan, standing, wake_at, edition)
    SELECT clone, chrono, service, plan, replace(standing, item_id::text, clone::text),
           wake_at + $2 * interval '1 day', edition
    FROM sleeper, unnest($1::uuid[]) AS clone
"""
RAW = """
    WITH due AS (
        SELECT item_id FROM sla.items WHERE wake_at <= $1
        ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), woken AS (
        UPDATE sla.items SET wake_at = NULL, standing = standing || ' '
        FROM due WHERE items.item_id = due.item_id RETURNING items.item_id
    )
    INSERT INTO sla.outbox (event_id, topic, key, payload, headers)
    SELECT gen_random_uuid(), 'clocks', item_id::text, repeat('x', 900), '{}' FROM woken
"""


def say(what: str, rate: float, unit: str) -> None:
    print(f"{what:<58} {rate:>12,.0f} {unit}")  # noqa: T201  (a bench speaks to a terminal)


@contextmanager
def stopwatch(times: list[float]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times.append(time.perf_counter() - start)


def pure() -> None:
    """The rules alone, on one core."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.assigned(paris(12), OTHER)
    story = Story()
    story.hears(register.facts, paris(12))
    for what, act in (
        ("plan of an item with two facts", lambda: plan(register.facts, BOOK)),
        ("tick of an item with nothing new", lambda: story.ticks(paris(12, 11))),
    ):
        times: list[float] = []
        for _ in range(ROUNDS):
            with stopwatch(times):
                for _ in range(1000):
                    act()
        say(what, 1000 / statistics.median(times), "a second")


async def clone(pool: Pool, number: int, days_later: int = 0) -> None:
    ids = [uuid4() for _ in range(number)]
    await pool.execute(CLONE, ids, days_later)


async def drain(*takers: Callable[[], Awaitable[int]]) -> None:
    async def until_empty(take: Callable[[], Awaitable[int]]) -> None:
        while await take():
            pass

    await asyncio.gather(*(until_empty(take) for take in takers))


async def bench(url: str) -> None:
    pool = await open_pool(SecretStr(url), "bench")
    async with transaction(pool) as connection:
        await store.keep(connection, a_site(), METROPOLE, "q", "bench", paris(1, month=1))
        live = paris(1, month=1, year=2021)
        await store.go_live(connection, live, "q", "bench", live)
    editions, counts = Editions(), SlaCounters(CollectorRegistry())
    settings = SlaSettings(database_url=SecretStr(url), kafka="unused", wake_batch=BATCH)
    ticker = Ticker(pool, SystemClock(), editions, counts, settings)
    due = paris(15, 6)

    facts: list[Any] = []
    for number in range(2000):
        register = Register(ItemId(uuid5(NAMES, str(number))))
        register.registered(paris(11), agent=AGENT)
        facts += register.facts
    times: list[float] = []
    with stopwatch(times):
        for start in range(0, len(facts), BATCH):
            async with transaction(pool) as connection:
                batch = facts[start : start + BATCH]
                await hears_items(editions, counts)(connection, batch, paris(11))
    say("items registered: heard, planned, saved, told", len(facts) / times[0], "facts a second")
    await drain(lambda: ticker.wake(paris(14)))
    await pool.execute("CREATE TABLE sleeper AS SELECT * FROM sla.items LIMIT 1")
    await pool.execute("TRUNCATE sla.items CASCADE")

    for tickers in (1, 2):
        await pool.execute("TRUNCATE sla.outbox, sla.items CASCADE")
        await clone(pool, ITEMS)
        times = []
        with stopwatch(times):
            await drain(*[lambda: ticker.wake(due)] * tickers)
        say(
            f"burst of {ITEMS:,} due items, {tickers} in this process",
            ITEMS / times[0],
            "items a second",
        )
        told = await pool.fetchval("SELECT count(DISTINCT key) FROM sla.outbox")
        if told < ITEMS:
            raise SystemExit(f"only {told} of {ITEMS} rungs were told")

    await clone(pool, ITEMS)
    await pool.execute("UPDATE sla.items SET wake_at = $1", due)
    rows, times = await pool.fetchval("SELECT count(*) FROM sla.items"), []
    with stopwatch(times):
        await drain(lambda: raw(pool, due))
    say("raw limit: the same rows written, nothing decided", rows / times[0], "items a second")

    await clone(pool, ASLEEP, days_later=30)
    await pool.execute("UPDATE sla.items SET wake_at = $1 WHERE wake_at IS NULL", paris(1, month=8))
    await pool.execute("VACUUM ANALYZE sla.items")
    times = []
    for _ in range(200):
        with stopwatch(times):
            await ticker.wake(due)
    asleep = await pool.fetchval("SELECT count(*) FROM sla.items")
    say(f"a look at the time with {asleep:,} items asleep", statistics.median(times) * 1e6, "µs")
    await pool.close()


async def raw(pool: Pool, now: object) -> int:
    async with transaction(pool) as connection:
        status = await connection.execute(RAW, now, BATCH)
    return int(status.split()[-1])


async def prepared(url: str) -> None:
    connection = await asyncpg.connect(url)
    await migrate(connection, site="indre")
    await connection.close()
    await bench(url)


def main() -> None:
    pure()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder))
        server.start()
        try:
            asyncio.run(prepared(server.url))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
