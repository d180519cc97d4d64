"""Events of module 7, folded from their facts. Pure.

Two persons, each signed in: one asks or writes, another opens, approves, orders. An event is open
from its opening until its end or its closing, whichever comes first: no job has to run for it to be
over.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.facts.envelope import Digest, EventId, ItemId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.events import (
    EventAsked,
    EventClosed,
    EventDropped,
    EventFact,
    EventOpened,
    EventPart,
    EventPartApproved,
    EventPartWritten,
    ExerciseReleased,
    ItemsJoined,
    ItemsLeft,
    MassAsked,
    MassDropped,
    MassEnded,
    MassOrdered,
    MassPaused,
    MassResumed,
)


@dataclass(frozen=True, slots=True)
class EventDraft:
    """A version of a crisis event's part (line, reply, rule): its author, and who approved it."""

    part: EventPart
    version: int
    sha256: Digest
    author: str
    """As the field `by` of the fact."""
    at: datetime
    approver: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MassReply:
    """A mass reply of a crisis event: who requested it, of what text, to how many, its state."""

    number: int
    version: int
    n: int
    sha256: Digest
    left_out: Mapping[str, int]
    asked: EventId
    asked_by: str
    asked_at: datetime
    ordered_by: str | None = None
    ordered_at: datetime | None = None
    paused: bool = False
    dropped: bool = False
    ended_at: datetime | None = None
    left_out_since: Mapping[str, int] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether the mass reply was requested and waits for its second person."""
        return self.ordered_at is None and not self.dropped

    @property
    def runs(self) -> bool:
        """Whether the mass reply was ordered and has not ended; it may be paused."""
        return self.ordered_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class CrisisEvent:
    """A crisis event or exercise as its facts make it."""

    subject: SubjectId
    number: int
    code: str
    exercise: bool
    asked: EventId
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    opened_by: str | None = None
    opened_at: datetime | None = None
    dropped: bool = False
    closed_at: datetime | None = None
    closed_by: str | None = None
    drafts: Sequence[EventDraft] = ()
    """In the order in which they were written."""
    items: Mapping[ItemId, datetime] = field(default_factory=dict)
    """Those that belong to it now, each with the moment at which somebody confirmed it."""
    asks_more: AbstractSet[ItemId] = frozenset()
    masses: Mapping[int, MassReply] = field(default_factory=dict)
    released: Sequence[ExerciseReleased] = ()
    facts: Sequence[EventFact] = field(default=(), compare=False, repr=False)

    def open_at(self, moment: datetime) -> bool:
        """Whether the crisis event is open at a moment."""
        began = self.opened_at is not None and self.opened_at <= moment
        return began and self.closed_at is None and moment < self.ends_at

    @property
    def waits(self) -> bool:
        """Whether the crisis event was requested and waits for its second person."""
        return self.opened_at is None and not self.dropped

    def over(self, moment: datetime) -> datetime | None:
        """Returns the moment at which the event ended; `None`: not yet, or never opened."""
        if self.opened_at is None:
            return None
        if self.closed_at is not None:
            return min(self.closed_at, self.ends_at)
        return self.ends_at if self.ends_at <= moment else None

    def last(self, part: EventPart) -> EventDraft | None:
        """Returns the last version of an event's part, approved or not, or `None`."""
        return next((draft for draft in reversed(self.drafts) if draft.part is part), None)

    def last_approved(self, part: EventPart) -> EventDraft | None:
        """Returns an event part's last approved version, which counts, or `None`."""
        mine = (draft for draft in reversed(self.drafts) if draft.part is part)
        return next((draft for draft in mine if draft.approved_at is not None), None)

    def version(self, part: EventPart, version: int) -> EventDraft | None:
        """Returns a version of an event's part, or `None`."""
        return next(
            (draft for draft in self.drafts if (draft.part, draft.version) == (part, version)), None
        )

    @property
    def mass(self) -> MassReply | None:
        """The event's mass reply that waits or runs (never more than one), or `None`."""
        return next((mass for mass in self.masses.values() if mass.waits or mass.runs), None)


def fold(facts: Iterable[EventFact]) -> Sequence[CrisisEvent]:
    """Returns crisis events from their facts, by number."""
    found = dict[SubjectId, CrisisEvent]()
    for fact in facts:
        if isinstance(fact, EventAsked):
            found[fact.subject_id] = CrisisEvent(
                fact.subject_id, fact.number, fact.code, fact.exercise, fact.event_id, fact.by,
                fact.happened_at, fact.ends_at, facts=(fact,),
            )  # fmt: skip
        elif fact.subject_id in found:  # else what it is about can't be read
            event = _after(found[fact.subject_id], fact)
            found[fact.subject_id] = replace(event, facts=(*event.facts, fact))
    return sorted(found.values(), key=lambda event: event.number)


def _after(event: CrisisEvent, fact: EventFact) -> CrisisEvent:  # noqa: PLR0911  (one line a fact)
    match fact:
        case EventOpened():
            return replace(
                event, opened_by=fact.by, opened_at=fact.happened_at, ends_at=fact.ends_at
            )
        case EventDropped():
            return replace(event, dropped=True)
        case EventClosed():
            return replace(event, closed_at=fact.happened_at, closed_by=fact.by)
        case EventPartWritten() | EventPartApproved():
            return replace(event, drafts=_drafts(event.drafts, fact))
        case ItemsJoined():
            items = {**event.items, **dict.fromkeys(fact.items, fact.happened_at)}
            asks = (event.asks_more - set(fact.items)) | set(fact.asks_more)
            return replace(event, items=items, asks_more=asks)
        case ItemsLeft():
            gone = set(fact.items)
            items = {item: at for item, at in event.items.items() if item not in gone}
            return replace(event, items=items, asks_more=event.asks_more - gone)
        case ExerciseReleased():
            return replace(event, released=(*event.released, fact))
        case EventAsked():
            return event
        case _:
            return replace(event, masses=_masses(event.masses, fact))


def _drafts(
    drafts: Sequence[EventDraft], fact: EventPartWritten | EventPartApproved
) -> Sequence[EventDraft]:
    if isinstance(fact, EventPartWritten):
        new = EventDraft(fact.part, fact.version, fact.sha256, fact.by, fact.happened_at)
        return (*drafts, new)
    return tuple(
        replace(draft, approver=fact.by, approved_at=fact.happened_at)
        if (draft.part, draft.version, draft.sha256) == (fact.part, fact.version, fact.sha256)
        else draft
        for draft in drafts
    )


def _masses(
    masses: Mapping[int, MassReply],
    fact: MassAsked | MassDropped | MassOrdered | MassPaused | MassResumed | MassEnded,
) -> Mapping[int, MassReply]:
    if isinstance(fact, MassAsked):
        new = MassReply(
            fact.number, fact.version, fact.n, fact.sha256, fact.left_out, fact.event_id, fact.by,
            fact.happened_at,
        )  # fmt: skip
        return {**masses, fact.number: new}
    mass = masses.get(fact.number)
    if mass is None:
        return masses
    match fact:
        case MassDropped():
            mass = replace(mass, dropped=True)
        case MassOrdered():
            mass = replace(mass, ordered_by=fact.by, ordered_at=fact.happened_at)
        case MassPaused():
            mass = replace(mass, paused=True)
        case MassResumed():
            mass = replace(mass, paused=False)
        case MassEnded():
            mass = replace(mass, ended_at=fact.happened_at, left_out_since=fact.left_out)
    return {**masses, fact.number: mass}
