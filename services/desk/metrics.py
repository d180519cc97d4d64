"""Every metric of the register in one table, asked of the database: true after any restart."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta

from prometheus_client import CollectorRegistry

from services.desk.store import deposits, figures, months, search_index
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, glance
from shared.platform.observability.metric_definitions import GaugeOf, Label, MetricDefinition
from shared.site.applied_rules import Rules
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite

MONTHS = 3
"""How many months of receipts the gauges of promises speak of, the running one included."""
CLOSED_MONTHS = 13
DEPOSITS_SINCE = timedelta(days=7)
"""Of older messages of the form nobody asks at each scrape whether they are there."""

ARRIVALS = GaugeOf(
    "vaguemestre_desk_arrivals",
    "What came in, by what it is (law 1).",
    "arrivals",
    (Label.SOURCE, Label.WORD),
)
ITEMS = GaugeOf("vaguemestre_desk_items", "Items by state.", "items", (Label.SERVICE, Label.STATE))
LATE = GaugeOf(
    "vaguemestre_desk_late_items",
    "Items whose limit has passed without an answer.",
    "items",
    (Label.SERVICE,),
)
WAITING = GaugeOf("vaguemestre_desk_waiting", "What waits for a person.", "items", (Label.LIST,))
OLDEST = GaugeOf(
    "vaguemestre_desk_waiting_oldest_seconds",
    "For how long the oldest has waited for a person.",
    "seconds",
    (Label.LIST,),
)
OLDEST_DAYS = GaugeOf(
    "vaguemestre_desk_waiting_working_days",
    "For how many jours ouvrés the oldest has waited for a person.",
    "jours ouvrés",
    (Label.LIST,),
)
PROMISES = GaugeOf(
    "vaguemestre_desk_promises",
    f"Promises to what was received in the last {MONTHS} months, the running one included.",
    "promises",
    (Label.CLOCK, Label.SERVICE, Label.CHANNEL, Label.RESULT),
)
TARGET = GaugeOf(
    "vaguemestre_desk_target_ratio", "Part of the replies that must be kept, 0 to 1.", "ratio"
)
CLOSED_MONTH = GaugeOf(
    "vaguemestre_desk_closed_month_replies",
    "Replies to what was received in a closed month, as closed: `kept`, and `due` in all.",
    "replies",
    (Label.MONTH, Label.RESULT),
)
CLOSED_MONTH_NOW = GaugeOf(
    "vaguemestre_desk_closed_month_replies_now",
    "The same, as the month stands now: what differs are corrections.",
    "replies",
    (Label.MONTH, Label.RESULT),
)
OPEN_HOURS = GaugeOf(
    "vaguemestre_open_hours",
    "1 within the opening hours of a service on a jour ouvré, else 0.",
    "",
    (Label.SERVICE,),
)
WORKING_DAY = GaugeOf("vaguemestre_working_day", "1 on a jour ouvré, else 0.", "")
UNINDEXED = GaugeOf(
    "vaguemestre_desk_unindexed", "Registered, not yet found by its words.", "items"
)
UNINDEXED_OLDEST = GaugeOf(
    "vaguemestre_desk_unindexed_oldest_seconds",
    "For how long the oldest has not been found.",
    "seconds",
)
UNREADABLE = GaugeOf(
    "vaguemestre_desk_unreadable", "Items whose content the search could not read.", "items"
)
UNHEARD_DEPOSITS = GaugeOf(
    "vaguemestre_desk_deposits_unheard_oldest_seconds",
    "For how long the oldest message of the form, of the last seven days, has its number and is not"
    " in the register; 0: all are.",
    "seconds",
)
DIFFERENCES = GaugeOf(
    "vaguemestre_evidence_differences",
    "What the last verification of the evidence found: 0 when all holds.",
    "differences",
)
VERIFIED_AT = GaugeOf(
    "vaguemestre_evidence_verified_at",
    "When the evidence was last verified, in Unix time; before the first time, the go-live.",
    "moment",
)
WEBHOOKS = GaugeOf(
    "vaguemestre_desk_webhook_items",
    "Items of which a webhook has still to be told something: `open`, or given up (`late`).",
    "items",
    (Label.RESULT,),
)
WEBHOOKS_OLDEST = GaugeOf(
    "vaguemestre_desk_webhook_oldest_seconds",
    "For how long the oldest has waited to be told to a webhook, of those not given up.",
    "seconds",
)
PARAPHEUR = GaugeOf(
    "vaguemestre_desk_parapheur_letters",
    "Letters for the parapheur: `open`, `sent`, `signed` (to leave), failed: `late`, `unanswered`.",
    "letters",
    (Label.RESULT,),
)
PARAPHEUR_OLDEST = GaugeOf(
    "vaguemestre_desk_parapheur_oldest_seconds",
    "For how long the oldest of these letters has waited: `open`, `sent`, `signed`, `late`.",
    "seconds",
    (Label.RESULT,),
)
SECURE_MAILS = GaugeOf(
    "vaguemestre_desk_secure_mails",
    "Letters to leave as mails sécurisés: `open`, `sent` (not read), failed: `late`, `unanswered`.",
    "letters",
    (Label.RESULT,),
)
ARCHIVE_DEPOSITS = GaugeOf(
    "vaguemestre_desk_archive_deposits",
    "Packages for the archive's server: `open`, `sent` (to be replied to), `late`, `unanswered`.",
    "packages",
    (Label.RESULT,),
)
LEARNED_AT = GaugeOf(
    "vaguemestre_desk_learned_at",
    "When a night of learning last ended well, or when it was first asked for; 0: it is not.",
    "moment",
)
LEARNED = GaugeOf(
    "vaguemestre_desk_learned_letters",
    "Newest letters on which what was learned is `measured`, `shown` a proposal, `right` in it.",
    "letters",
    (Label.QUESTION, Label.RESULT),
)
TABLE: Sequence[MetricDefinition] = (
    ARRIVALS,
    ITEMS,
    LATE,
    WAITING,
    OLDEST,
    OLDEST_DAYS,
    PROMISES,
    TARGET,
    CLOSED_MONTH,
    CLOSED_MONTH_NOW,
    OPEN_HOURS,
    WORKING_DAY,
    UNINDEXED,
    UNINDEXED_OLDEST,
    UNREADABLE,
    UNHEARD_DEPOSITS,
    DIFFERENCES,
    VERIFIED_AT,
    WEBHOOKS,
    WEBHOOKS_OLDEST,
    PARAPHEUR,
    PARAPHEUR_OLDEST,
    SECURE_MAILS,
    ARCHIVE_DEPOSITS,
    LEARNED_AT,
    LEARNED,
)


class RegisterMetrics:
    """The Prometheus gauges of the register in one process, computed by database queries."""

    def __init__(self, registry: CollectorRegistry, pool: Pool, clock: Clock, rules: Rules) -> None:
        self._pool = pool
        self._clock = clock
        self._rules = rules
        self._gauges = {
            gauge_of: gauge_of.on(registry) for gauge_of in TABLE if isinstance(gauge_of, GaugeOf)
        }

    def questions(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """Returns the functions that a Prometheus scrape calls to set the gauges.

        One that fails leaves the others alone.
        """
        return (self.figures, self.hours)

    async def figures(self) -> None:
        """Sets the gauges of arrivals, items, deadlines, deposits, evidence and search index."""
        now = self._clock.now()
        async with glance(self._pool) as connection:
            applied = await self._rules.in_transaction(connection)
            await self._counts(connection, applied, now)
            await self._promises(connection, applied, now)
            await self._months(connection)
            await self._search(connection)
            await self._deposits(connection, applied, now)
            await self._evidence(connection, applied)
            await self._others(connection, now)
            await self._learner(connection, applied)

    async def _counts(self, connection: Connection, applied: AppliedSite, now: datetime) -> None:
        words, items, late, waits, oldest, days = (
            self._gauges[gauge_of]
            for gauge_of in (ARRIVALS, ITEMS, LATE, WAITING, OLDEST, OLDEST_DAYS)
        )
        zone = applied.site.zone
        today = now.astimezone(zone).date()
        came = await figures.words(connection)
        standing = await figures.standing(connection)
        overdue = await figures.late(connection, today)
        waiting = await figures.waits(connection)
        for gauge in (words, items, late, waits, oldest, days):
            gauge.clear()
        for word in came:
            words.labels(word.source, word.word).set(word.n)
        for state in standing:
            items.labels(state.service, state.state).set(state.n)
            late.labels(state.service).set(0)
        for late_count in overdue:
            late.labels(late_count.service).set(late_count.n)
        for wait in waiting:
            waits.labels(wait.waiting).set(wait.n)
            oldest.labels(wait.waiting).set((now - wait.oldest).total_seconds())
            since = min(wait.oldest.astimezone(zone).date(), today)
            days.labels(wait.waiting).set(applied.days.between(since, today))

    async def _promises(self, connection: Connection, applied: AppliedSite, now: datetime) -> None:
        gauge = self._gauges[PROMISES]
        today = now.astimezone(applied.site.zone).date()
        found = await figures.promise_results(connection, _first_month(today), today)
        gauge.clear()
        for promised in found:
            gauge.labels(promised.clock, promised.service, promised.channel, promised.result).set(
                promised.n
            )
        self._gauges[TARGET].set(applied.site.commitments.target)

    async def _months(self, connection: Connection) -> None:
        closed, now = self._gauges[CLOSED_MONTH], self._gauges[CLOSED_MONTH_NOW]
        found = await months.replies(connection, CLOSED_MONTHS)
        closed.clear()
        now.clear()
        for month, counts in found.items():
            for result in ("kept", "due"):
                closed.labels(f"{month:%Y-%m}", result).set(counts[result])
                now.labels(f"{month:%Y-%m}", result).set(counts[f"{result}_now"])

    async def _search(self, connection: Connection) -> None:
        lag = await search_index.lag(connection)
        self._gauges[UNINDEXED].set(lag.waiting)
        self._gauges[UNINDEXED_OLDEST].set(lag.oldest_seconds)
        self._gauges[UNREADABLE].set(lag.lacking)

    async def _deposits(self, connection: Connection, applied: AppliedSite, now: datetime) -> None:
        site = applied.site.identity.id
        at = await deposits.oldest_unheard(connection, site, now - DEPOSITS_SINCE, now)
        age = timedelta(0) if at is None else now - at
        self._gauges[UNHEARD_DEPOSITS].set(age.total_seconds())

    async def _others(self, connection: Connection, now: datetime) -> None:
        seen = await figures.webhooks(connection)
        self._gauges[WEBHOOKS].labels("open").set(seen.waiting)
        self._gauges[WEBHOOKS].labels("late").set(seen.failed)
        self._gauges[WEBHOOKS_OLDEST].set(seen.oldest_seconds)
        there = await figures.parapheur(connection, now)
        for gauge, of in ((PARAPHEUR, there.letters), (PARAPHEUR_OLDEST, there.oldest_seconds)):
            for result, value in of.items():
                self._gauges[gauge].labels(result).set(value)
        for result, value in (await figures.secure_mails(connection)).items():
            self._gauges[SECURE_MAILS].labels(result).set(value)
        for result, value in (await figures.archive_deposits(connection)).items():
            self._gauges[ARCHIVE_DEPOSITS].labels(result).set(value)

    async def _learner(self, connection: Connection, applied: AppliedSite) -> None:
        at, counts = await figures.learner(connection) if applied.site.routing.learns else (0, {})
        self._gauges[LEARNED_AT].set(at)
        self._gauges[LEARNED].clear()
        for (question, result), count in counts.items():
            self._gauges[LEARNED].labels(question, result).set(count)

    async def _evidence(self, connection: Connection, applied: AppliedSite) -> None:
        last = await figures.last_verification(connection)
        differences, at = self._gauges[DIFFERENCES], self._gauges[VERIFIED_AT]
        since = applied.go_live if last is None else last[0]
        if last is not None:
            differences.set(last[1])
        if since is not None:
            at.set(since.timestamp())

    async def hours(self) -> None:
        """Sets the gauges of opening hours and working days (jours ouvrés), for alert rules."""
        now = self._clock.now()
        async with glance(self._pool) as connection:
            applied = await self._rules.in_transaction(connection)
            people = await people_at(connection, now)
        local = now.astimezone(applied.site.zone)
        worked = applied.days.is_worked(local.date())
        self._gauges[WORKING_DAY].set(worked)
        for service in applied.site.service:
            hours = people.opening(applied.site, service)
            is_open = worked and hours.opens <= local.time() < hours.closes
            self._gauges[OPEN_HOURS].labels(service).set(is_open)


def _first_month(today: date) -> date:
    """The first day of the oldest of the months that the gauges speak of."""
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)
