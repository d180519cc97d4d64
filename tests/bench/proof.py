"""What a night's verification costs, beside reading the facts raw: `make bench WHAT=proof`.

100,000 items of two facts and two clocks each. The cost of an item must not grow with the register:
the rate over all of it is compared with the rate over its first quarter.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from pydantic import SecretStr

from services.desk.domain.clocks import ItemClock
from services.desk.domain.evidence import GENESIS, link
from services.desk.domain.fold import fold
from services.desk.evidence.verification import chains
from services.desk.evidence.verification.ground import Documents, VerificationContext
from services.desk.store import clocks, items
from services.ops.replanner import make_replanning
from shared.content.blobs import LocalBlobs
from shared.facts.clocks import Holder
from shared.facts.envelope import Chrono, EventId, ItemId, On, ServiceId
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import Category, Channel, Nature, Proof
from shared.platform.database import Pool, open_pool, transaction
from shared.site import store
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitments
from tests.bench.said import Said, run
from tests.desk_builders import DAYS, GO_LIVE, SPACE, a_site
from tests.unit.sla.builders import LADDERS, PROMISES

ITEMS = 100_000
QUARTER = ITEMS // 4
BATCH = 1_000
NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)
SLOWER = 150.0
"""So many times the raw reading, at most: decoding, folding and, above all, planning are pure
Python, and beside other busy processes the reading, which is PostgreSQL's work, loses less."""
GROWTH = 1.3
"""So much may an item cost more in the whole register than in its first quarter."""


def facts_of(number: int) -> Sequence[Items]:
    """A letter of May, answered nine days later."""
    item_id = ItemId(uuid5(SPACE, f"proof {number}"))
    at = datetime(2026, 5, 4 + number % 5, 9, tzinfo=UTC)
    common = {"item_id": item_id, "by": "person:a.gent"}
    return (
        ItemRegistered(
            event_id=EventId(uuid5(item_id, "1")), happened_at=at, recorded_at=at, seq=1, **common,
            chrono=Chrono(f"36-2026-A-{number:06}"), channel=Channel.LETTER,
            receipt=On(day=at.date()), service=ServiceId("bmi"), qualified=True, arrival_id=None,
            pli=None, classification=Classification(
                category=Category("titre-de-sejour"), nature=Nature.REQUEST, perimeter=True
            ),
        ),
        ReplySent(
            event_id=EventId(uuid5(item_id, "2")), happened_at=at + timedelta(days=9),
            recorded_at=at + timedelta(days=9), seq=2, **common, proof=Proof.KEYED,
        ),
    )  # fmt: skip


async def fill(pool: Pool, applied: AppliedSite, first: int, last: int) -> None:
    """Items with their facts, rows and clocks, as the register has them."""
    async with transaction(pool) as connection:
        replan = await make_replanning()(connection)
    for start in range(first, last, BATCH):
        told = [facts_of(number) for number in range(start, min(start + BATCH, last))]
        rows, running = [], []
        for facts in told:
            previous = GENESIS
            for fact in facts:
                payload = fact.model_dump_json()
                previous = link(previous, payload, fact.by, fact.recorded_at)
                rows.append(
                    (fact.event_id, fact.item_id, fact.seq, fact.type, fact.by, fact.happened_at,
                     fact.recorded_at, payload, previous)
                )  # fmt: skip
            running += [
                ItemClock(
                    facts[0].item_id, clock.clock, 1, clock.limit, Holder(service=ServiceId("bmi")),
                    day_zero=clock.day_zero, stopped_at=clock.stopped_at, outcome=clock.outcome,
                    raw=clock.raw, net=clock.net,
                )
                for clock in replan.clocks(facts, NOW)
            ]  # fmt: skip
        async with transaction(pool) as connection:
            await connection.copy_records_to_table(
                "facts", schema_name="desk", records=rows,
                columns=("event_id", "item_id", "seq", "type", "by", "happened_at", "recorded_at",
                         "payload", "link"),
            )  # fmt: skip
            await items.save(connection, [fold(fact) for fact in told], applied.site.zone)
            await clocks.save(connection, running)


async def raw(pool: Pool) -> float:
    """Seconds to read every fact by pages of items, and nothing else."""
    started, after = time.perf_counter(), UUID(int=0)
    while True:
        rows = await pool.fetch(
            """
            SELECT item_id, seq, payload, by, recorded_at, link FROM desk.facts
            WHERE item_id > $1 ORDER BY item_id, seq LIMIT 400
            """,
            after,
        )
        if not rows:
            return time.perf_counter() - started
        after = rows[-1]["item_id"]


async def verified(pool: Pool, applied: AppliedSite, folder: Path, expected: int) -> float:
    """Seconds to verify every chain."""
    async with transaction(pool) as connection:
        replan = await make_replanning()(connection)
    nothing = Documents(since=NOW)
    ground = VerificationContext(pool, applied, replan, LocalBlobs(folder), nothing, NOW)
    started = time.perf_counter()
    found = [str(difference) async for difference in chains.check(ground)]
    seconds = time.perf_counter() - started
    if found or ground.checked["items"] != expected:
        raise SystemExit(f"{ground.checked['items']} items, {found[:3]}")
    return seconds


async def bench(url: str, folder: Path) -> Said:
    said = Said()
    pool = await open_pool(SecretStr(url), "bench", size=4)
    promises = Commitments(target=0.9, ladders=LADDERS, commitments=PROMISES)
    site = a_site().model_copy(update={"commitments": promises})
    async with transaction(pool) as connection:
        await store.keep(connection, site, DAYS, "q.officer", "bench", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "q.officer", "bench", GO_LIVE)
        applied = await store.current(connection)
    await fill(pool, applied, 0, QUARTER)
    await pool.execute("VACUUM ANALYZE")
    quarter = await verified(pool, applied, folder, QUARTER)
    await fill(pool, applied, QUARTER, ITEMS)
    await pool.execute("VACUUM ANALYZE")
    read = await raw(pool)
    whole = await verified(pool, applied, folder, ITEMS)
    said.fact(f"{ITEMS:,} items: facts read raw", ITEMS / read, "items/s")
    said.fact("each item refolded, each clock replanned", ITEMS / whole, "items/s")
    said.goal("time beside reading the facts raw", whole / read, SLOWER, "times")
    growth = (whole / ITEMS) / (quarter / QUARTER)
    said.goal("time of an item in all, beside its first quarter", growth, GROWTH, "times")
    await asyncio.wait_for(pool.close(), 30)
    return said


if __name__ == "__main__":
    run(bench)
