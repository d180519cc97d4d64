"""What the register shows at each scrape, asked of the database: true after any restart.

vaguemestre_desk_arrivals{source,word}        what became of everything that came in (law 1)
vaguemestre_desk_items{service,state}         items by state
vaguemestre_desk_late_items{service}          items whose limit has passed without an answer
vaguemestre_desk_waiting{list}                what waits for a person
vaguemestre_desk_waiting_oldest_seconds{list} and for how long the oldest has
vaguemestre_desk_unindexed                    registered, not yet found by its words
vaguemestre_desk_unindexed_oldest_seconds     and for how long the oldest has not been
vaguemestre_desk_unreadable                   items whose content the search could not read
"""

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Gauge

from services.desk.rules import Rules
from services.desk.store import indexing
from shared.clock import Clock
from shared.database import Pool, transaction

WORDS = "SELECT source, word, arrivals FROM desk.words"
ITEMS = """
    SELECT service, state, count(*) AS items, count(*) FILTER (
        WHERE due < $1
          AND state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred')) AS late
    FROM desk.items GROUP BY service, state
"""
WAITS = "SELECT waiting, count(*) AS waits, min(since) AS oldest FROM desk.waits GROUP BY waiting"


def gauges(
    registry: CollectorRegistry, pool: Pool, clock: Clock, rules: Rules
) -> Callable[[], Awaitable[None]]:
    """The question asked at each scrape."""
    prefix = "vaguemestre_desk"
    words = Gauge(
        f"{prefix}_arrivals", "What came in, by what it is.", ["source", "word"], registry=registry
    )
    items = Gauge(f"{prefix}_items", "Items by state.", ["service", "state"], registry=registry)
    late = Gauge(f"{prefix}_late_items", "Past their limit.", ["service"], registry=registry)
    waits = Gauge(f"{prefix}_waiting", "What waits for a person.", ["list"], registry=registry)
    oldest = Gauge(
        f"{prefix}_waiting_oldest_seconds", "Age of the oldest.", ["list"], registry=registry
    )
    unindexed = Gauge(f"{prefix}_unindexed", "Not yet found by its words.", registry=registry)
    unindexed_oldest = Gauge(
        f"{prefix}_unindexed_oldest_seconds", "Age of the oldest.", registry=registry
    )
    unreadable = Gauge(
        f"{prefix}_unreadable", "Items whose content the search lacks.", registry=registry
    )

    async def ask() -> None:
        now = clock.now()
        async with transaction(pool) as connection:
            zone = (await rules(connection)).site.zone
            word_rows = await connection.fetch(WORDS)
            item_rows = await connection.fetch(ITEMS, now.astimezone(zone).date())
            wait_rows = await connection.fetch(WAITS)
            lag = await indexing.lag(connection)
        for gauge in (words, items, late, waits, oldest):
            gauge.clear()
        for row in word_rows:
            words.labels(row["source"], row["word"]).set(row["arrivals"])
        for row in item_rows:
            items.labels(row["service"], row["state"]).set(row["items"])
            late.labels(row["service"]).inc(row["late"])
        for row in wait_rows:
            waits.labels(row["waiting"]).set(row["waits"])
            oldest.labels(row["waiting"]).set((now - row["oldest"]).total_seconds())

        unindexed.set(lag.waiting)
        unindexed_oldest.set(lag.oldest_seconds)
        unreadable.set(lag.lacking)

    return ask
