"""What became of closed months since: each correction with its author, day and reason, as a fact.

The figures of a closed month never change. Each night what differs from them, and was not said yet,
is stated in the chain of quality, after the root of that night and under the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.desk.domain.month_corrections import Cause, cause_of, perimeter_cause
from services.desk.domain.months import RUNNING, Month, MonthPromise
from services.desk.domain.stamp import REGISTER
from services.desk.store import fact_history, label_perimeter, months, quality
from services.desk.store.quality import Author
from shared.calendar.local_days import local_day
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality import MonthCorrected, PromiseAs
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.bundle import Site

MonthClockKey = tuple[ItemId, str]
LATE: Final = ("late", "overdue")
"""Results of which the limit has passed."""


@dataclass(frozen=True, slots=True)
class CorrectedPromise:
    """A deadline of a closed month whose result changed after the closing."""

    item_id: ItemId
    chrono: str
    clock: str
    before: PromiseAs | None
    """As it was closed."""
    now: PromiseAs | None
    limit: date | None
    """The local day until which it was due; `None`: it is in neither."""
    told: MonthCorrected | None
    """The last word of the chain on it."""
    cause: Cause | None

    @property
    def why(self) -> tuple[str | None, datetime | None, str | None]:
        """The correction's author, moment and reason; `None` where time or rules changed it."""
        if self.said and self.told is not None:
            return self.told.author, self.told.at, self.told.reason
        if self.cause is None:
            return None, None, None
        return self.cause.by, self.cause.at, self.cause.reason

    def late_then(self, zone: ZoneInfo) -> bool:
        """Whether the deadline was late when its month was closed, or on the day of the correction.

        A deadline that ran at the closing is compared with the day on which its result was changed
        by somebody; where only time changed it, the closing alone counts.
        """
        if self.before is None:
            return False
        if self.before.result in LATE:
            return True
        at, limit = self.why[1], self.limit
        if at is None or limit is None or self.before.result not in RUNNING:
            return False
        return local_day(at, zone) > limit

    @property
    def said(self) -> bool:
        """Whether the quality chain already states this correction."""
        return (self.before if self.told is None else self.told.after) == self.now


async def month_corrections(
    connection: Connection, site: Site, month: Month
) -> Sequence[CorrectedPromise]:
    """Returns the deadlines of a closed month whose result changed after it was closed.

    Sorted by chrono, and computed: also those that the quality chain does not state yet, and those
    that it states and that have been set back since. Unreadable items are left out.
    """
    subject = quality.month_id(site.identity.id, month.month.isoformat())
    told = {
        (fact.item_id, fact.clock): fact
        for fact in await quality.of_subject(connection, subject, MonthCorrected)
    }
    pairs = await months.moved_promises(connection, month.month, [item for item, _ in told])
    # Of an item that was corrected, its other promises come too, and promises that are no more.
    differing = {key: pair for key, pair in pairs.items() if key in told or _differs(*pair)}
    differing |= dict.fromkeys(told.keys() - pairs.keys(), (None, None))
    known, unreadable = await fact_history.readable(
        connection, sorted({item for item, _ in differing})
    )
    rows.leave_out(unreadable.values())
    perimeter = await label_perimeter.perimeter(connection)
    found = []
    for (item_id, clock), (before, now) in differing.items():
        if item_id in unreadable:
            continue
        last = told.get((item_id, clock))
        since = month.closed_at if last is None else last.recorded_at
        told_of = known.get(item_id, ())
        cause = cause_of(told_of, since)
        if change := perimeter_cause(told_of, perimeter, since, site.zone):
            cause = change
        either = before or now
        chrono = either.chrono if either else ""
        limit = either.limit_day if either else None
        row = CorrectedPromise(item_id, chrono, clock, _as(before), _as(now), limit, last, cause)
        found.append(row)
    return sorted(found, key=lambda one: (one.chrono, one.clock))


async def state(connection: Connection, site: Site, now: datetime) -> int:
    """Records the corrections of closed months that no fact states yet; returns how many.

    Records nothing for a month of which a correction can't be read: it would be stated twice.
    """
    count = 0
    for month in await months.every(connection):
        with rows.leaving_out() as left:
            found = await month_corrections(connection, site, month)
        unsure = any(row.table == quality.TABLE for row in left)
        for corrected in found:
            if corrected.said or unsure:
                continue
            await quality.state(
                connection,
                Author(site.identity.id, REGISTER, now),
                quality.month_id(site.identity.id, month.month.isoformat()),
                MonthCorrected,
                month=month.month,
                closed=Digest(month.hash),
                item_id=corrected.item_id,
                clock=corrected.clock,
                before=corrected.before if corrected.told is None else corrected.told.after,
                after=corrected.now,
                **_told(corrected.cause),
            )
            count += 1
    return count


def _told(cause: Cause | None) -> Mapping[str, Any]:
    if cause is None:
        return dict.fromkeys(("cause", "cause_type", "author", "at", "reason"))
    return {
        "cause": cause.event_id,
        "cause_type": cause.type,
        "author": cause.by,
        "at": cause.at,
        "reason": cause.reason,
    }


def _as(one: MonthPromise | None) -> PromiseAs | None:
    if one is None:
        return None
    return PromiseAs(result=one.result, days=one.days, service=one.service, channel=one.channel)


def _differs(before: MonthPromise | None, now: MonthPromise | None) -> bool:
    return _as(before) != _as(now)
