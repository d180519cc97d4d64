"""What a scrape and the keeping of figures cost: `make bench WHAT=metrics`.

A scrape asks all that the four services ask, on one embedded PostgreSQL with fsync on; its raw
limit is the same SQL, sent once more by one connection without us. Registering is measured in
pairs, with the triggers that keep figures and without, in turns.
"""

import argparse
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from services.desk.metrics import RegisterMetrics
from services.ingest.metrics import IngestMetrics
from services.ingest.source_status import Statuses
from services.notify.metrics import NotifyMetrics
from services.sla.metrics import gauges as sla_gauges
from services.sla.rulebook import Editions
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.observability.telemetry import Telemetry
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from tests.bench.metrics_register import BATCH, fill, registering
from tests.bench.said import Said, run
from tests.desk_builders import DAYS, a_site

LIVE = datetime(2020, 1, 1, tzinfo=UTC)
RATIO, GROWTH, COST, SCRAPE = 2.0, 1.5, 15.0, 100.0


async def asked_by(act: Callable[[], Awaitable[object]]) -> list[tuple[str, Sequence[Any]]]:
    """The SQL that it sends, as it leaves asyncpg."""
    heard = list[tuple[str, Sequence[Any]]]()
    kind: Any = asyncpg.connection.Connection
    send = kind._execute  # noqa: SLF001  (asyncpg logs no query of a pool)

    async def hear(self: Any, query: str, args: Sequence[Any], *rest: Any, **more: Any) -> Any:
        heard.append((query, args))
        return await send(self, query, args, *rest, **more)

    kind._execute = hear  # noqa: SLF001  (as above)
    try:
        await act()
    finally:
        kind._execute = send  # noqa: SLF001  (as above)
    return heard


async def median_ms(act: Callable[[], Awaitable[object]], times: int) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        await act()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


async def telemetry(pool: Pool, folder: Path) -> Telemetry:
    """All that the four services show, in one process."""
    one, clock = Telemetry("bench"), SystemClock()
    for question in RegisterMetrics(one.registry, pool, clock, AppliedRules()).questions():
        one.on_scrape(question)
    place = {"blobs": folder}
    ingest = IngestMetrics(one.registry, pool, clock, Statuses(), folders=place, scans={})
    one.on_scrape(ingest.ask)
    one.on_scrape(ingest.look)
    one.on_scrape(sla_gauges(one.registry, pool, clock, Editions()))
    one.on_scrape(NotifyMetrics(one.registry, pool, clock, await applied_rules(pool)).scrape)
    return one


async def scraping(url: str, folder: Path, times: int) -> tuple[float, float]:
    """Milliseconds of a scrape, and of its bare SQL, in turns."""
    pool = await open_pool(SecretStr(url), "bench", size=10)
    shown = await telemetry(pool, folder)
    await shown.exposition()
    questions = await asked_by(shown.exposition)
    assert questions
    connection: Any = await asyncpg.connect(url)

    async def bare() -> None:
        for query, arguments in questions:
            await connection.fetch(query, *arguments)

    await bare()
    pairs = [(await median_ms(shown.exposition, 1), await median_ms(bare, 1)) for _ in range(times)]
    await connection.close()
    await pool.close()
    ours, theirs = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(theirs)


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    """Everything, on an empty migrated database."""
    said, pool = Said(), await open_pool(SecretStr(url), "bench")
    async with transaction(pool) as connection:
        await store.keep(connection, a_site(), DAYS, "q", "bench", LIVE)
        await store.go_live(connection, LIVE, "q", "bench", LIVE)
    # The search has a bench of its own.
    await pool.execute("ALTER TABLE desk.items DISABLE TRIGGER note_items")
    await pool.execute("ALTER TABLE desk.arrivals DISABLE TRIGGER note_inserted")
    kept, without, ratio = await registering(pool, o.rounds)
    said.fact(f"{BATCH} arrivals and their clocks, figures kept", kept, "ms")
    said.fact(f"{BATCH} arrivals and their clocks, nothing kept", without, "ms")
    said.goal("keeping the figures costs", (ratio - 1) * 100, COST, "%")
    before, scrapes = 0, list[float]()
    for items in (o.small, o.large):
        await fill(pool, before, items)
        before = items
        scrape, bare = await scraping(url, folder, o.scrapes)
        scrapes.append(scrape)
        said.fact(f"bare SQL of a scrape of the four services, {items:,} items", bare, "ms")
        said.fact("the scrape itself", scrape, "ms")
    cells = await pool.fetchval("SELECT count(*) FROM desk.indicators_counts")
    said.fact("cells of the promises' counts", cells, "")
    said.goal("the scrape takes", scrapes[-1] / bare, RATIO, "times its bare SQL")
    said.goal("the scrape takes", scrapes[-1], SCRAPE, "ms")
    said.goal("ten times as many closed items take", scrapes[-1] / scrapes[0], GROWTH, "times")
    await pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.metrics")
    for name, size, what in (
        ("small", 100_000, "closed items of the smaller register"),
        ("large", 1_000_000, "closed items of the larger one"),
        ("scrapes", 60, "times that it is scraped"),
        ("rounds", 20, "pairs of turns, three batches each"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    return parser.parse_args(words)


def main() -> None:
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()
