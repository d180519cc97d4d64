"""What people see of an item under given rules: its dates, reminders, notices and results.

It is plain data without a name, an address or a text, so that it can be compared, kept, shown, and
handed from one program to another as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pydantic import TypeAdapter

from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import Audience, Category, ClockName, NoticeKind, Way


@dataclass(frozen=True, slots=True)
class RehearsedClock:
    """The outcome of an item's clock under given rules: its commitment, local days and result."""

    commitment: str
    """The line of commitments.yaml."""
    day_zero: date
    limit: date
    result: str
    """kept, late, overdue, open, observed, closed or excluded, as desk.judged says it."""
    running: bool


@dataclass(frozen=True, slots=True)
class RehearsedRung:
    """A reminder under given rules: its local day, and whom it is told to."""

    day: date
    tell: tuple[Audience, ...]
    persons: tuple[PersonId, ...] = ()
    """Who that is by the tables, one for each function; of the whole mail office, nobody."""


@dataclass(frozen=True, slots=True)
class RehearsedNotice:
    """A notice that an item calls for under given rules: whether it leaves, and its text."""

    kind: NoticeKind
    way: Way
    verdict: str
    """send, later, hold or never."""
    day: date
    """The local day on which it may leave."""
    why: str = ""
    """The code of a hold or of a refusal."""
    text: str = ""
    """The first signs of the SHA-256 of its template and of what stands around it."""


@dataclass(frozen=True, slots=True)
class RehearsedItem:
    """The outcomes of one item under given rules: sorting, deadlines, reminders, notices …."""

    item_id: ItemId
    chrono: Chrono | None
    """`None`: it waits in quarantine."""
    service: ServiceId
    channel: str = ""
    received: date | None = None
    """Its local day of receipt; `None`: it waits in quarantine."""
    category: Category | None = None
    nature: str = ""
    perimeter: bool = False
    """Whether it counts: by its category and by the label's perimeter."""
    reason: str | None = None
    hold: str | None = None
    qualified: bool = False
    reserved: bool = False
    """It is, or ever was, réservé."""
    clocks: Mapping[ClockName, RehearsedClock] = field(default_factory=dict)
    rungs: Mapping[str, RehearsedRung] = field(default_factory=dict)
    """By `clock rung`."""
    notices: Mapping[str, RehearsedNotice] = field(default_factory=dict)
    """By the id of the notice."""


OUTCOMES: Final = TypeAdapter(RehearsedItem)
"""Reads and writes an outcome as JSON."""
