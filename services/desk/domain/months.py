"""A closed month: what it is made of, its figures, and the hash that proves both.

The hash is SHA-256 over lines of text: the head (month, day of the judgement, rules, digest of
rules and days, target, and from definition 2 on its number), then one line a promise, by chrono and
clock, fields parted by `;`. Anybody can compute it again from the exported CSV.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.desk.domain.codes import CHANNELS, CLOCKS, RESULTS
from services.desk.domain.wilson import interval

DEFINITION = 2
"""By which a month is closed today: what was closed without reply is not kept (ADR 0027)."""
DUE: Mapping[int, Sequence[str]] = {
    1: ("kept", "late", "overdue"),
    DEFINITION: ("kept", "late", "overdue", "closed"),
}
"""The results of which a rate is made, by definition; `desk.rates` says the same of today."""
RUNNING = ("open", "observed")
"""Results still open: waiting for their end, or for a word on what was seen in Sent."""
LAST = "\uffff"
"""After every name: where a total stands."""
FEW = 10
"""Below this n, a rate is marked: it proves nothing."""


@dataclass(frozen=True, slots=True)
class MonthPromise:
    """A line of a month's closed figures: one item's deadline and result; no personal data."""

    item_id: UUID
    clock: str
    chrono: str
    service: str
    channel: str
    complaint: bool
    result: str
    limit_day: date
    days: int
    """Jours ouvrés used; -1: no answer."""


@dataclass(frozen=True, slots=True)
class Month:
    """The head of a month's closed figures: who closed it and when, the rules used, its hash."""

    month: date
    """Its first day."""
    closed_at: datetime
    as_of: date
    """The local day by which overdue was judged."""
    by: str
    rules: int
    calendar: str
    target: float
    definition: int = DEFINITION
    hash: str = ""

    def closed_on(self, zone: ZoneInfo) -> date:
        """Returns the local day, in the given zone, on which the month's figures were closed."""
        return self.closed_at.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Figure:
    """Counts of kept, late and other deadlines of one kind, by service and channel."""

    service: str
    channel: str
    clock: str
    counts: Mapping[str, int]
    definition: int = DEFINITION

    @property
    def n(self) -> int:
        """The number of deadlines over which the rate is computed."""
        return sum(self.counts.get(result, 0) for result in DUE[self.definition])

    @property
    def rate(self) -> float | None:
        """The share of deadlines that were kept, 0 to 1; `None` when nothing can be judged."""
        return self.counts.get("kept", 0) / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """The confidence interval (95 %) of the share of deadlines kept: lower and upper end."""
        return interval(self.counts.get("kept", 0), self.n)


def figures(promises: Iterable[MonthPromise], definition: int = DEFINITION) -> Sequence[Figure]:
    """Counts the deadlines of a month by service, channel and kind.

    `definition`: which of them are due, and so count in a rate (ADR 0027).
    """
    counted: dict[tuple[str, str, str], dict[str, int]] = {}
    for promise in promises:
        counts = counted.setdefault((promise.service, promise.channel, promise.clock), {})
        counts[promise.result] = counts.get(promise.result, 0) + 1
    return [Figure(*key, counts, definition) for key, counts in sorted(counted.items())]


def with_totals(promises: Iterable[MonthPromise], definition: int = DEFINITION) -> Sequence[Figure]:
    """Counts deadlines by service, channel and kind, and adds the totals.

    An empty service or channel stands for all of them. Order: each service and its channels, then
    each channel, then all.
    """
    counted = dict[tuple[str, str, str], Counter[str]]()
    for promise in promises:
        for service in (promise.service, ""):
            for channel in (promise.channel, ""):
                counted.setdefault((promise.clock, service, channel), Counter())[
                    promise.result
                ] += 1
    every = sorted(counted, key=lambda key: (key[0], key[1] or LAST, key[2] or LAST))
    return [Figure(key[1], key[2], key[0], counted[key], definition) for key in every]


def lines(figures: Iterable[Figure]) -> Sequence[Sequence[object]]:
    """Returns a month's figures as rows of a CSV file with a head, in French codes."""
    names = ("service", "canal", "engagement", "tenus", "juges", "taux", "bas_95", "haut_95")
    return [
        (*names, *RESULTS.values()),
        *(
            (
                figure.service or "tous",
                CHANNELS.get(figure.channel, figure.channel) or "tous",
                CLOCKS.get(figure.clock, figure.clock),
                figure.counts.get("kept", 0),
                figure.n,
                "" if figure.rate is None else f"{figure.rate:.4f}",
                *(("", "") if figure.rate is None else (f"{end:.4f}" for end in figure.interval)),
                *(figure.counts.get(result, 0) for result in RESULTS),
            )
            for figure in figures
        ),
    ]


def proof(month: Month, promises: Sequence[MonthPromise]) -> str:
    """Returns the SHA-256 of a month's closed figures, in lower-case hexadecimal."""
    told = hashlib.sha256()
    for line in _lines(month, promises):
        told.update(line.encode() + b"\n")
    return told.hexdigest()


def _lines(month: Month, promises: Sequence[MonthPromise]) -> Iterator[str]:
    head: tuple[object, ...] = (
        month.month,
        month.as_of,
        month.rules,
        month.calendar,
        f"{month.target:.4f}",
    )
    if month.definition > 1:
        head = (*head, str(month.definition))
    yield ";".join(map(str, head))
    for promise in sorted(promises, key=lambda promise: (promise.chrono, promise.clock)):
        yield ";".join(fields(promise))


def fields(promise: MonthPromise) -> Sequence[str]:
    """Returns one line of a month's figures as text fields, the same for hash and CSV."""
    return (
        promise.chrono,
        promise.clock,
        promise.service,
        promise.channel,
        "1" if promise.complaint else "0",
        promise.result,
        promise.limit_day.isoformat(),
        str(promise.days),
        str(promise.item_id),
    )


NAMES = ("chrono", "clock", "service", "channel", "complaint", "result", "limit", "days", "item")
"""The columns of `fields`."""
