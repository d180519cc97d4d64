"""What sla counts of itself, and what it asks the database at each scrape.

vaguemestre_sla_open_clocks{clock,service,state}   running clocks: on time, at risk, late
vaguemestre_sla_wake_lag_seconds                   how long the first item due has waited
vaguemestre_sla_outdated_items                     open items still planned under older rules
vaguemestre_sla_awaiting_items                     silent until a rebuild brings their facts back
vaguemestre_sla_told_total{type}                   facts told by this process
vaguemestre_sla_woken_items_total                  items that the ticker took
vaguemestre_sla_parked_items_total                 items that it set aside with a dead letter
vaguemestre_sla_advance_seconds                    the pure part of one batch
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.sla import store
from services.sla.rulebook import Editions
from shared.clock import Clock
from shared.database import Pool, transaction
from shared.facts.clocks import Clocks
from shared.telemetry import SECONDS

STATES = """
    SELECT clock, service,
           CASE WHEN limit_at <= $1 THEN 'late' WHEN risk_at <= $1 THEN 'at_risk'
                ELSE 'on_time' END AS state,
           count(*) AS clocks
    FROM sla.running GROUP BY 1, 2, 3
"""
AWAITING = "SELECT count(*) FROM sla.items WHERE awaits > 0"
FIRST_DUE = "SELECT min(wake_at) FROM sla.items WHERE wake_at IS NOT NULL"


class Counts:
    """The technical counters of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._told = Counter(
            "vaguemestre_sla_told", "Facts told, by type.", ["type"], registry=registry
        )
        self._woken = Counter(
            "vaguemestre_sla_woken_items", "Items the ticker took.", registry=registry
        )
        self._parked = Counter(
            "vaguemestre_sla_parked_items", "Items set aside.", registry=registry
        )
        self._seconds = Histogram(
            "vaguemestre_sla_advance_seconds", "The pure part of one batch.",
            buckets=SECONDS, registry=registry,
        )  # fmt: skip

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Counts how long the block takes."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._seconds.observe(time.monotonic() - start)

    def told(self, facts: Iterable[Clocks]) -> None:
        """Counts facts put into the outbox."""
        for fact in facts:
            self._told.labels(fact.type).inc()

    def woken(self, items: int, parked: int) -> None:
        """Counts a batch of the ticker."""
        self._woken.inc(items)
        self._parked.inc(parked)


def gauges(
    registry: CollectorRegistry, pool: Pool, clock: Clock, editions: Editions
) -> Callable[[], Awaitable[None]]:
    """The question asked at each scrape."""
    states = Gauge(
        "vaguemestre_sla_open_clocks", "Running clocks.", ["clock", "service", "state"],
        registry=registry,
    )  # fmt: skip
    lag = Gauge("vaguemestre_sla_wake_lag_seconds", "Age of the first item due.", registry=registry)
    outdated = Gauge(
        "vaguemestre_sla_outdated_items", "Open items planned under older rules.",
        registry=registry,
    )  # fmt: skip

    awaiting = Gauge(
        "vaguemestre_sla_awaiting_items", "Items a rebuild left without facts.", registry=registry
    )

    async def ask() -> None:
        now = clock.now()
        async with transaction(pool) as connection:
            rows = await connection.fetch(STATES, now)
            first = await connection.fetchval(FIRST_DUE)
            edition = await editions(connection)
            left = await store.count_outdated(connection, edition.number)
            silent = await connection.fetchval(AWAITING)
        states.clear()
        for row in rows:
            states.labels(row["clock"], row["service"], row["state"]).set(row["clocks"])
        lag.set(max(0.0, (now - first).total_seconds()) if first else 0.0)
        outdated.set(left)
        awaiting.set(silent)

    return ask
