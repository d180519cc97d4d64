"""A root: one SHA-256 that stands for every chain as it was when it was sealed.

Each night has one, and each hour of work in which a chain grew (ADR 0048). Only the chains that
grew since the root before are listed; the root hashes that list, the day, and the root before. So a
root stands for all heads ever sealed at a cost of what is new, and one root in a mailbox out of our
reach shows whether anything before it was rewritten.

    list  = SHA-256 of the lines `<item id> <seq> <link>`, sorted, each ended by a line feed
    root  = SHA-256 of `<root before>`, `<day>`, `<list>`, each ended by a line feed
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.desk.domain.evidence import GENESIS
from shared.calendar.working_days import BeyondCalendar, WorkingCalendar
from shared.facts.envelope import Digest
from shared.site.tables.identity import OpeningHours

SHORT = 16
"""Signs of a root that are enough to tell it from any other: what a sheet of paper carries."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of an evidence chain at the moment when it was sealed."""

    item_id: UUID
    seq: int
    link: str


@dataclass(frozen=True, slots=True)
class Root:
    """A seal of the evidence: one SHA-256 over the chains that grew and the root before it."""

    night: int
    """Its number, counted from 1: until November 2026 each night had one and no hour."""
    day: date
    """The local day whose facts it ends with."""
    heads: str
    """SHA-256 of its list."""
    root: Digest
    chains: int
    sealed_at: datetime

    @property
    def short(self) -> str:
        """The first sixteen hexadecimal digits of the root, in fours: « 1a2b 3c4d 5e6f 7081 »."""
        return " ".join(self.root[at : at + 4] for at in range(0, SHORT, 4))

    def is_named(self, text: str) -> bool:
        """Returns whether a text is this root, whole or at least its first sixteen digits."""
        given = bare(text)
        return len(given) >= SHORT and self.root.startswith(given)


def bare(text: str) -> str:
    """Normalises a root that somebody copied: removes blanks, puts it in lower case."""
    return "".join(text.split()).lower()


def day_due(
    last: Root | None,
    now: datetime,
    *,
    grown: bool,
    hours: OpeningHours,
    days: WorkingCalendar,
    zone: ZoneInfo,
) -> date | None:
    """Returns the local day whose evidence must be sealed now; `None`: nothing is due.

    The night seals the day that ended, whatever came. A day at work is sealed at each full hour of
    the préfecture in which something grew since, and once more when it has closed.
    """
    local = now.astimezone(zone)
    if last is None or last.sealed_at.astimezone(zone).date() < local.date():
        return local.date() - timedelta(days=1)
    if not grown or local.time() < hours.opens or not _worked(local.date(), days):
        return None
    since = local.replace(minute=0, second=0, microsecond=0)
    if local.time() >= hours.closes:
        since = datetime.combine(local.date(), hours.closes, tzinfo=zone)
    return local.date() if last.sealed_at < since else None


def _worked(day: date, days: WorkingCalendar) -> bool:
    """Beyond the calendar any day may be one: a root too many costs nothing."""
    try:
        return days.is_worked(day)
    except BeyondCalendar:
        return True


def digest_of(heads: Iterable[Head]) -> str:
    """Returns the SHA-256 of a list of chain heads, given in any order."""
    lines = sorted(f"{head.item_id} {head.seq} {head.link}\n" for head in heads)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def root_of(before: str, day: date, heads: str) -> Digest:
    """Computes a root from the root before, the local day and the digest of the heads."""
    return Digest(hashlib.sha256(f"{before}\n{day.isoformat()}\n{heads}\n".encode()).hexdigest())


def next_root(last: Root | None, day: date, heads: Iterable[Head], now: datetime) -> Root:
    """Makes the root that follows the last one, over the heads of the chains that grew."""
    listed = list(heads)
    digest = digest_of(listed)
    before = GENESIS if last is None else last.root
    night = 1 if last is None else last.night + 1
    return Root(night, day, digest, root_of(before, day, digest), len(listed), now)


def first_break(roots: Iterable[Root]) -> str | None:
    """Verifies the chain of roots; returns where it first breaks, or `None` if it holds."""
    before = GENESIS
    for expected, root in enumerate(roots, start=1):
        if root.night != expected:
            return f"root {expected} is missing"
        if root_of(before, root.day, root.heads) != root.root:
            return f"the root of {root.day} does not follow from the one before"
        before = root.root
    return None
