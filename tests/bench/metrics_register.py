"""A large register made by the database itself, and batches that are registered in pairs."""

import statistics
import time
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from shared.facts import ids
from shared.facts.clocks import ClockStarted, ClockStopped, Holder, Outcome
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import ClockName
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, transaction
from shared.platform.messaging import trigger_counts
from shared.site.applied_rules import AppliedRules
from tests.desk_builders import an_arrival, certain, digest

BATCH = 100

FILL = """
    WITH made AS (
        SELECT gen_random_uuid() AS id, n,
               ('{email,email,email,form,letter}'::text[])[1 + n % 5] AS channel,
               ('{courrier,bmi,dre,juridique}'::text[])[1 + n % 4] AS service,
               CURRENT_DATE - (n % 1080)::integer AS day
        FROM generate_series($1::bigint, $2::bigint) AS n
    ), arrivals AS (
        INSERT INTO desk.arrivals (arrival_id, revision, word, item_id, source, channel,
                                   received_at, original, told, recorded_at)
        SELECT gen_random_uuid(), 1, 'item', id, 'mailbox:' || service, channel, day, 'x', '{}', day
        FROM made
    ), kept AS (
        INSERT INTO ingest.arrivals (arrival_id, source, kind, shown_at, recorded_at)
        SELECT id, 'mailbox:' || service, 'enter', day, day FROM made
    ), told AS (
        INSERT INTO notify.ledger (notice_id, item_id, occasion, kind, way, state, due_at,
                                   planned_at, changed_at)
        SELECT id, id, 'x', 'receipt', 'mail', 'sent', day, day, day FROM made
    ), planned AS (
        INSERT INTO sla.items (item_id, chrono, service, standing, open)
        SELECT id, 'B-' || n, service, '', false FROM made
    ), items AS (
        INSERT INTO desk.items (item_id, chrono, seq, state, channel, category, nature, perimeter,
                                priority, confidentiality, service, received_on, received_at,
                                provisional, registered_at, answered_at)
        SELECT id, 'B-' || n, 1, 'answered', channel, 'titre-de-sejour', 'request', true, 'normale',
               'normal', service, day, day, false, day, day
        FROM made
    )
    SELECT id, service, day, n FROM made
"""
CLOCKS = """
    INSERT INTO desk.clocks (item_id, clock, revision, commitment, day_zero, limit_day, holder,
                             rungs, stopped_at, outcome, raw, net)
    SELECT id, clock, 3, clock, day, day + 21, '{}', '{}', day + 10,
           CASE WHEN n % 10 = 0 THEN 'late' ELSE 'kept' END, n % 23, n % 23
    FROM unnest($1::uuid[], $2::date[], $3::bigint[]) AS made (id, day, n),
         unnest('{receipt,services_publics,reply}'::text[]) AS clock
"""


async def fill(pool: Pool, first: int, last: int) -> None:
    """Closed items, their clocks, arrivals and notices, counted as they come."""
    for start in range(first, last, 20_000):
        rows = await pool.fetch(FILL, start, min(last, start + 20_000) - 1, timeout=600)
        await pool.execute(
            CLOCKS,
            [row["id"] for row in rows],
            [row["day"] for row in rows],
            [row["n"] for row in rows],
            timeout=600,
        )
        # As processes do every minute: a batch is ten days of a large préfecture's mail.
        for schema in ("desk", "ingest", "notify", "sla"):
            await trigger_counts.fold(pool, schema)
    await pool.execute("VACUUM ANALYZE", timeout=600)


async def registering(pool: Pool, rounds: int) -> tuple[float, float, float]:
    """Milliseconds of a batch with figures and without, and the median of the pairs' ratios."""
    spent: dict[bool, list[float]] = {True: [], False: []}
    hear = hears_arrivals(AppliedRules())
    for number in range(rounds):
        first = number % 2 == 0
        for kept in (first, not first):
            await switch(pool, kept=kept)
            # Turning triggers on or off makes every session plan anew: that is not what we time.
            await batch(pool, hear)
            times = [await batch(pool, hear) for _ in range(3)]
            spent[kept].append(statistics.median(times))
    await switch(pool, kept=True)
    ratio = statistics.median(a / b for a, b in zip(spent[True], spent[False], strict=True))
    return statistics.median(spent[True]), statistics.median(spent[False]), ratio


async def batch(pool: Pool, hear: Any) -> float:
    """Milliseconds of so many arrivals, and of all that sla then tells of them."""
    names = [str(uuid4()) for _ in range(BATCH)]
    now = SystemClock().now()
    arrivals = [
        an_arrival(
            name,
            at=now - timedelta(minutes=1),
            routing=certain(),
            correspondent=digest(name),
            subject=digest(name),
        )
        for name in names
    ]
    clocks = [clock for arrival in arrivals for clock in clocks_of(arrival.arrival_id)]
    start = time.perf_counter()
    async with transaction(pool) as connection:
        await hear(connection, arrivals, now)
    for begin in range(0, len(clocks), BATCH):
        async with transaction(pool) as connection:
            await hear_clocks(connection, clocks[begin : begin + BATCH], now)
    return (time.perf_counter() - start) * 1000


def clocks_of(arrival: Any) -> list[Any]:
    """What sla tells of an item: two clocks start, one is kept at once."""
    item, now = ids.item_id("indre", arrival), SystemClock().now()
    common: dict[str, Any] = {
        "happened_at": now, "recorded_at": now, "by": "service:sla", "item_id": item,
        "chrono": "36-2026-A-000001", "service": ServiceId("bmi"),
        "holder": Holder(service=ServiceId("bmi")), "category": "titre-de-sejour",
        "limit": date(2030, 5, 19),
    }  # fmt: skip
    told: list[Any] = [
        ClockStarted(
            event_id=uuid4(), revision=revision, clock=name, commitment="x",
            day_zero=date(2026, 5, 11), rules=1, **common,
        )
        for revision, name in enumerate((ClockName.REPLY, ClockName.RECEIPT), 1)
    ]  # fmt: skip
    return [
        *told,
        ClockStopped(
            event_id=uuid4(), revision=3, clock=ClockName.RECEIPT, outcome=Outcome.KEPT, raw=0,
            net=0, **common,
        ),
    ]  # fmt: skip


async def switch(pool: Pool, *, kept: bool) -> None:
    """Turns the triggers that keep figures on or off."""
    rows = await pool.fetch(
        """
        SELECT format('ALTER TABLE %s %s TRIGGER %I', tgrelid::regclass,
                      CASE WHEN $1 THEN 'ENABLE' ELSE 'DISABLE' END, tgname) AS statement
        FROM pg_trigger
        WHERE tgfoid::regproc::text ~ '^desk.count_(items|arrivals|clocks|items_of_clocks)$'
        """,
        kept,
    )
    assert rows
    for row in rows:
        await pool.execute(row["statement"])
