"""How fast the clocks are, beside this machine's raw limit: `make bench WHAT=sla`.

Everything runs on one embedded PostgreSQL with fsync on. The raw limit writes the same rows — item,
outbox — in the same batches without deciding anything, each time right after what is measured by
it: the ratio counts, in the median, so that a slow moment of the machine decides nothing. The bench
fails if a rung is missing.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.sla.domain.plan import plan
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.ticker import Ticker
from shared.facts.envelope import ItemId, PersonId
from shared.facts.items import Items
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import Channel, Nature
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.messaging.subscription import Handle
from shared.platform.process import collect_seldom
from shared.site import store
from tests.bench.said import Said, run
from tests.unit.sla.builders import (
    BCL,
    BMI,
    BOOK,
    METROPOLE,
    Register,
    Story,
    a_class,
    a_site,
    paris,
)

ITEMS, HEARD, PLANNED, DIFFERENT = 20_000, 4_000, 5_000, 400
FEW = 10_000
BATCH = 500
ROUNDS, PAIRS = 3, 7
"""Of bursts; and of letters heard with the limit after each, as half of what they cost is Python's
and the limit is PostgreSQL's alone: what slows the machine slows them unlike."""
DUE = paris(18, 6)
"""On Monday morning."""
PLANS = 8_000
"""A second, of items of a week."""
WOKEN, TOLD = 1 / 4, 1 / 8
"""Of the raw limit."""
LOOK, FLAT = 0.5, 1.5
"""Milliseconds, in the median; and times what it is among few."""

CLONE = """
    INSERT INTO sla.items (item_id, chrono, service, plan, standing, wake_at, edition)
    SELECT clone, chrono, service, plan, replace(standing, item_id::text, clone::text),
           wake_at, edition
    FROM unnest($1::uuid[]) WITH ORDINALITY AS made (clone, number)
    JOIN sleepers ON place = number % (SELECT count(*) FROM sleepers)
"""
SLEEPERS = """
    CREATE TABLE sleepers AS
    SELECT *, row_number() OVER (ORDER BY item_id) - 1 AS place FROM sla.items WHERE wake_at <= $1
"""
ASLEEP = """
    INSERT INTO sla.items (item_id, chrono, service, standing, wake_at, edition)
    SELECT gen_random_uuid(), '36-2026-A-' || n, 'bmi', '{}', $1::timestamptz, 2
    FROM generate_series(1, $2::integer) AS n
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


async def settle(pool: Pool) -> None:
    """Neither server nor interpreter has to tidy up after what came before, whatever comes."""
    await pool.execute("CHECKPOINT")
    collect_seldom()


@contextmanager
def stopwatch(times: list[float]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    times.append(time.perf_counter() - start)


def letters(number: int, *, given: bool) -> list[Sequence[ItemFact]]:
    """The facts of letters of one week: of five kinds, two services, their agents, by the hour."""
    drawn = random.Random(number)  # noqa: S311  (letters, not secrets)
    found = list[Sequence[ItemFact]]()
    for _ in range(number):
        register, day = Register(ItemId(UUID(int=drawn.getrandbits(128)))), drawn.randint(11, 15)
        service = drawn.choice((BMI, BCL))
        register.registered(
            paris(day, drawn.randint(8, 17), drawn.randint(0, 59)),
            channel=drawn.choice((Channel.EMAIL, Channel.EMAIL, Channel.FORM, Channel.LETTER)),
            what=a_class(drawn.choice((Nature.REQUEST, Nature.REQUEST, Nature.COMPLAINT))),
            service=service,
        )
        if given:
            agent = PersonId(f"a.gent-{drawn.randint(1, 8)}")
            register.assigned(paris(day, 18, drawn.randint(0, 59)), agent, service)
        found.append(register.facts)
    return found


def pure(said: Said) -> None:
    """The rules alone, on one core; each time from rules by which nothing was worked out yet."""
    times = list[float]()
    for what, given in (("one fact", False), ("two facts", True)):
        week, rates = letters(PLANNED, given=given), list[float]()
        for _ in range(ROUNDS):
            book = Rulebook(tuple(ClockRules(version.applied) for version in BOOK.versions))
            with stopwatch(times):
                for facts in week:
                    plan(facts, book)
            rates.append(len(week) / times[-1])
        said.goal(
            f"plan of an item with {what}, of {PLANNED:,} of a week",
            statistics.median(rates), PLANS, "a second", least=True,
        )  # fmt: skip
    story = Story()
    story.hears(letters(1, given=True)[0], paris(15, 18))
    with stopwatch(times):
        for _ in range(1000):
            story.ticks(paris(15, 19))
    said.fact("tick of an item with nothing new", 1000 / times[-1], "a second")


async def clone(pool: Pool, number: int) -> None:
    await pool.execute(CLONE, [uuid4() for _ in range(number)])


async def drain(*takers: Callable[[], Awaitable[int]]) -> None:
    async def until_empty(take: Callable[[], Awaitable[int]]) -> None:
        while await take():
            pass

    await asyncio.gather(*(until_empty(take) for take in takers))


async def ready(url: str) -> tuple[Pool, Ticker, Handle[Items]]:
    """A site that is live, and the two parts of sla that are measured."""
    pool = await open_pool(SecretStr(url), "bench")
    async with transaction(pool) as connection:
        await store.keep(connection, a_site(), METROPOLE, "q", "bench", paris(1, month=1))
        live = paris(1, month=1, year=2021)
        await store.go_live(connection, live, "q", "bench", live)
    editions, counts = Editions(), SlaCounters(CollectorRegistry())
    settings = SlaSettings(database_url=SecretStr(url), kafka="unused", wake_batch=BATCH)
    ticker = Ticker(pool, SystemClock(), editions, counts, settings)
    return pool, ticker, hears_items(editions, counts)


async def heard(pool: Pool, hear: Handle[Items], times: list[float]) -> None:
    """Letters of a week registered: heard, planned, saved, told."""
    await pool.execute("TRUNCATE sla.outbox, sla.facts, sla.items CASCADE")
    facts: list[Any] = [fact for each in letters(HEARD, given=False) for fact in each]
    await settle(pool)
    with stopwatch(times):
        for start in range(0, len(facts), BATCH):
            now = paris(15, 19) + timedelta(milliseconds=start)  # no two batches at one moment
            async with transaction(pool) as connection:
                await hear(connection, facts[start : start + BATCH], now)
    if await pool.fetchval("SELECT count(DISTINCT key) FROM sla.outbox") < HEARD:
        raise SystemExit("not every letter has a clock")


async def burst(pool: Pool, ticker: Ticker, tickers: int, times: list[float]) -> None:
    """Clones that are due at once are woken, and each has a rung told."""
    await pool.execute("TRUNCATE sla.outbox, sla.items CASCADE")
    await clone(pool, ITEMS)
    await settle(pool)
    with stopwatch(times):
        await drain(*[lambda: ticker.wake(DUE)] * tickers)
    told = await pool.fetchval("SELECT count(DISTINCT key) FROM sla.outbox")
    if told < ITEMS:
        raise SystemExit(f"only {told} of {ITEMS} rungs were told")


async def written(pool: Pool, times: list[float]) -> None:
    """The same rows in the same batches, nothing decided."""
    await pool.execute("TRUNCATE sla.outbox, sla.items CASCADE")
    await clone(pool, ITEMS)
    await settle(pool)
    with stopwatch(times):
        await drain(lambda: raw(pool, DUE))


async def sleepers(pool: Pool, ticker: Ticker, hear: Handle[Items]) -> None:
    """Letters of a week that all have a rung on Monday: of some hundred plans that differ."""
    facts: list[Any] = [fact for each in letters(DIFFERENT, given=True) for fact in each]
    async with transaction(pool) as connection:
        await hear(connection, facts, paris(15, 19))
    await drain(lambda: ticker.wake(DUE - timedelta(hours=1)))
    await pool.execute(SLEEPERS.replace("$1", f"'{DUE.isoformat()}'"))


async def looks(pool: Pool, ticker: Ticker, asleep: int) -> float:
    """Milliseconds of a look at the time, in the median, with so many items asleep."""
    there = await pool.fetchval("SELECT count(*) FROM sla.items")
    await pool.execute(ASLEEP, paris(1, month=8), asleep - there, timeout=600)
    await pool.execute("VACUUM ANALYZE sla.items", timeout=600)
    times = list[float]()
    for _ in range(300):
        with stopwatch(times):
            seen = await ticker.look()
        assert not seen.outdated
    return 1000 * statistics.median(times)


async def bench(said: Said, url: str, o: argparse.Namespace) -> Said:
    pool, ticker, hear = await ready(url)
    await sleepers(pool, ticker, hear)
    news, one, two = list[float](), list[float](), list[float]()
    after_news, after_bursts = list[float](), list[float]()
    for _ in range(ROUNDS):  # in turns: neighbours hinder all
        await burst(pool, ticker, 2, two)
        await burst(pool, ticker, 1, one)
        await written(pool, after_bursts)
    for _ in range(PAIRS):
        await heard(pool, hear, news)
        await written(pool, after_news)
    limit = ITEMS / statistics.median([*after_bursts, *after_news])
    said.fact("raw limit: the same rows written", limit, "items a second")
    for what, number, times, bare, share in (
        ("burst of due items, two in this process", ITEMS, two, after_bursts, None),
        ("burst of due items, one ticker", ITEMS, one, after_bursts, WOKEN),
        ("letters heard, planned, saved, told", HEARD, news, after_news, TOLD),
    ):
        said.fact(what, number / statistics.median(times), "a second")
        of_raw = [number / took / (ITEMS / raw) for took, raw in zip(times, bare, strict=True)]
        if share:
            said.goal("  of the raw limit", statistics.median(of_raw), share, "", least=True)
    await pool.execute("TRUNCATE sla.outbox, sla.items CASCADE")
    few, many = [await looks(pool, ticker, asleep) for asleep in (FEW, o.asleep)]
    said.goal(f"a look at the time with {FEW:,} items asleep", few, LOOK, "ms")
    said.goal(f"a look at the time with {o.asleep:,} items asleep", many, LOOK, "ms")
    said.goal("  times that with few", many / few, FLAT, "")
    await pool.close()
    return said


async def raw(pool: Pool, now: object) -> int:
    async with transaction(pool) as connection:
        status = await connection.execute(RAW, now, BATCH)
    return int(status.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sla")
    parser.add_argument("--asleep", type=int, default=1_000_000, help="items of the last look")
    options, said = parser.parse_args(), Said()
    collect_seldom()  # as each process of ours does
    pure(said)
    run(lambda url, _: bench(said, url, options))


if __name__ == "__main__":
    main()
