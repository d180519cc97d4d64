"""Every metric of sla in one table: what it counts of itself, what it asks at each scrape."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from services.sla import brake, claims
from services.sla.rulebook import Editions
from shared.facts.publication import Publication
from shared.platform.clock import Clock
from shared.platform.database import Pool, glance
from shared.platform.observability.metric_definitions import (
    CounterOf,
    GaugeOf,
    HistogramOf,
    Label,
    MetricDefinition,
)

TOLD = CounterOf("vaguemestre_sla_told", "Facts told, by type.", "facts", (Label.TYPE,))
WOKEN = CounterOf("vaguemestre_sla_woken_items", "Items that the ticker took.", "items")
PARKED = CounterOf(
    "vaguemestre_sla_parked_items", "Items that it set aside with a dead letter.", "items"
)
ADVANCE = HistogramOf("vaguemestre_sla_advance_seconds", "The pure part of one batch.", "seconds")
OPEN = GaugeOf(
    "vaguemestre_sla_open_clocks",
    "Running clocks: on time, at risk, late.",
    "clocks",
    (Label.CLOCK, Label.SERVICE, Label.STATE),
)
WAKE_LAG = GaugeOf(
    "vaguemestre_sla_wake_lag_seconds", "How long the first item due has waited.", "seconds"
)
OUTDATED = GaugeOf(
    "vaguemestre_sla_outdated_items", "Open items still planned under older rules.", "items"
)
SILENT = GaugeOf(
    "vaguemestre_sla_awaiting_items", "Silent until a rebuild brings their facts back.", "items"
)
HELD_BACK = GaugeOf(
    "vaguemestre_sla_held_back_items",
    "Due at once and more than any day has known: they wait for `sla release`.",
    "items",
)
TABLE: Sequence[MetricDefinition] = (
    TOLD, WOKEN, PARKED, ADVANCE, OPEN, WAKE_LAG, OUTDATED, SILENT, HELD_BACK,
)  # fmt: skip

STATES = """
    SELECT clock, service,
           CASE WHEN limit_at <= $1 THEN 'late' WHEN risk_at <= $1 THEN 'at_risk'
                ELSE 'on_time' END AS state,
           count(*) AS clocks
    FROM sla.running GROUP BY 1, 2, 3
"""
AWAITING = "SELECT count(*) FROM sla.items WHERE awaits > 0"
FIRST_DUE = "SELECT min(wake_at) FROM sla.items WHERE wake_at IS NOT NULL"


class SlaCounters:
    """The metrics counters of one sla process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._told = TOLD.on(registry)
        self._woken = WOKEN.on(registry)
        self._parked = PARKED.on(registry)
        self._seconds = ADVANCE.on(registry)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """A context manager that measures the duration of planning a batch, for the metrics."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._seconds.observe(time.monotonic() - start)

    def count_told(self, facts: Iterable[Publication]) -> None:
        """Adds clock facts put into the outbox to the metrics, by type."""
        for kind, told in Counter(fact.type for fact in facts).items():
            self._told.labels(kind).inc(told)

    def count_woken(self, items: int, parked: int) -> None:
        """Adds a batch of items that the ticker woke, and those set aside, to the metrics."""
        self._woken.inc(items)
        self._parked.inc(parked)


def gauges(
    registry: CollectorRegistry, pool: Pool, clock: Clock, editions: Editions
) -> Callable[[], Awaitable[None]]:
    """Makes the function that sets sla's gauges from its tables at each scrape."""
    states, lag, outdated, awaiting, held_back = (
        gauge.on(registry) for gauge in (OPEN, WAKE_LAG, OUTDATED, SILENT, HELD_BACK)
    )

    async def ask() -> None:
        now = clock.now()
        async with glance(pool) as connection:
            rows = await connection.fetch(STATES, now)
            first = await connection.fetchval(FIRST_DUE)
            edition = await editions(connection)
            left = await claims.count_outdated(connection, edition.number)
            silent = await connection.fetchval(AWAITING)
            held = await brake.held_wave(connection)
        states.clear()
        for row in rows:
            states.labels(row["clock"], row["service"], row["state"]).set(row["clocks"])
        lag.set(max(0.0, (now - first).total_seconds()) if first else 0.0)
        outdated.set(left)
        awaiting.set(silent)
        held_back.set(0 if held is None else held.due)

    return ask
