"""Every metric of notify in one table; what stands in the ledger is asked of it at each scrape."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry

from services.notify import digests
from services.notify.store import claims, ledger_lists, probes, seals
from shared.platform.clock import Clock
from shared.platform.database import Pool, glance
from shared.platform.observability.metric_definitions import (
    CounterOf,
    GaugeOf,
    HistogramOf,
    Label,
    MetricDefinition,
)
from shared.site.applied_rules import AppliedRules
from shared.site.staff.directory_cache import KeptDirectory
from shared.site.staff.roads import roads

HANDED = CounterOf(
    "vaguemestre_mails_handed",
    "Mails handed to the SMTP server, by its answer.",
    "mails",
    (Label.ANSWER,),
)
MAIL = HistogramOf(
    "vaguemestre_mail_seconds",
    "From MAIL FROM to the answer.",
    "seconds",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
NOTICES = GaugeOf(
    "vaguemestre_notices", "Notices in the ledger.", "notices", (Label.STATE, Label.KIND)
)
QUEUE = GaugeOf(
    "vaguemestre_mail_queue_oldest_seconds",
    "For how long the oldest mail that may leave has waited.",
    "seconds",
)
URGENT = GaugeOf(
    "vaguemestre_mail_urgent_oldest_seconds",
    "For how long the oldest words of danger have not left, held ones included.",
    "seconds",
)
DIGESTS = GaugeOf(
    "vaguemestre_digests_missing",
    "Persons who should have had their digest of this jour ouvré and have not.",
    "persons",
)
PROBES = GaugeOf(
    "vaguemestre_probe_sent_timestamp_seconds",
    "When the last probe mail left for a mailbox.",
    "seconds since 1970",
    (Label.SOURCE,),
)
ROOTS = GaugeOf(
    "vaguemestre_root_left_age_seconds",
    "Age of the last root that left by a road; of the first that waits where none has.",
    "seconds",
    (Label.ROAD,),
)
ROOTS_WAIT = GaugeOf(
    "vaguemestre_root_unsent_oldest_seconds",
    "Age of the oldest root that is to leave by a road and has not, nor any after it.",
    "seconds",
    (Label.ROAD,),
)
TABLE: Sequence[MetricDefinition] = (
    HANDED,
    MAIL,
    NOTICES,
    QUEUE,
    URGENT,
    DIGESTS,
    PROBES,
    ROOTS,
    ROOTS_WAIT,
)


class NotifyMetrics:
    """The metrics of notify: counters of sent emails, and gauges of the ledger of notices."""

    def __init__(
        self, registry: CollectorRegistry, pool: Pool, clock: Clock, rules: AppliedRules
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._rules = rules
        self._people = KeptDirectory()
        self._handed, self._seconds = HANDED.on(registry), MAIL.on(registry)
        self._notices, self._queue, self._urgent, self._digests, self._probes = (
            gauge_of.on(registry) for gauge_of in (NOTICES, QUEUE, URGENT, DIGESTS, PROBES)
        )
        self._roots, self._roots_wait = ROOTS.on(registry), ROOTS_WAIT.on(registry)

    def count_handed_over(self, answer: str, seconds: float) -> None:
        """Adds one email handed to the SMTP server to the metrics: its answer and duration."""
        self._handed.labels(answer).inc()
        self._seconds.observe(seconds)

    async def scrape(self) -> None:
        """Sets the gauges from the ledger of notices, at each scrape of /metrics."""
        now = self._clock.now()
        async with glance(self._pool) as connection:
            counts = await ledger_lists.counts(connection)
            oldest, urgent = await claims.oldest(connection, now)
            missing = await digests.count_missing(
                connection, self._rules.applied, self._people, now
            )
            sent = await probes.last_probes(connection)
            by_road = await seals.ages(connection, now)
        self._notices.clear()
        for (state, kind), count in counts.items():
            self._notices.labels(state, kind).set(count)
        self._queue.set(_age(oldest, now))
        self._urgent.set(_age(urgent, now))
        self._digests.set(missing)
        for mailbox, at in sent.items():
            self._probes.labels(f"mailbox:{mailbox}").set(at.timestamp())
        self._roots.clear()
        self._roots_wait.clear()
        for road in roads(self._rules.applied.site):
            if (age := by_road.get(road)) is not None:
                self._roots.labels(road).set(_age(age.last, now))
                self._roots_wait.labels(road).set(_age(age.waiting, now))


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
