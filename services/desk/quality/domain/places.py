"""Places of reception as their facts make them: other hours, papers displayed, bookings. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.quality.domain.label_calendar import after
from shared.calendar.working_days import BeyondCalendar, WorkingCalendar
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.places import (
    BookingTried,
    CompanionAdmitted,
    HoursExcepted,
    HoursExceptionEnded,
    IncidentEnded,
    IncidentKind,
    IncidentSeen,
    IncidentTicketed,
    PlaceFact,
    SetDisplayed,
    SheetChecked,
)
from shared.site.place_hours import HoursException
from shared.site.tables.places import OpenSlot, in_order

FAR: Final = timedelta(days=731)
MOST_TRIES: Final = 50
WITHOUT_SLOT: Final = 3
"""Days in a row without a slot after which a measure is proposed."""
APART: Final = 2
"""Jours ouvrés from one tried day to the next of a row: one may be left out between them."""
RECENT: Final = 10
"""Jours ouvrés after which an old run of such days is proposed no more."""


@dataclass(frozen=True, slots=True)
class StatedHours:
    """Exceptional hours of a reception place that stand, with their stored reason."""

    subject: SubjectId
    exception: HoursException
    by: str
    why: Digest


@dataclass(frozen=True, slots=True)
class Companion:
    """A decision whether visitors of a place may be accompanied: since when, and made by whom."""

    subject: SubjectId
    admitted: bool
    since: date
    decided: Digest


@dataclass(frozen=True, slots=True)
class DisplayedSet:
    """The papers on display at a reception place since a local day."""

    papers: tuple[str, ...]
    hours: Digest
    on: date


@dataclass(frozen=True, slots=True)
class BookingIncident:
    """An incident of the page on which the public books appointments."""

    subject: SubjectId
    number: int
    place: str
    kind: IncidentKind
    seen_at: datetime
    item_id: ItemId | None
    ticket: Digest | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BookingDay:
    """A local day's tries to book an appointment at a place: whether a slot was found, how many."""

    place: str
    on: date
    found: bool
    tries: int
    """In all, up to the one that found a slot."""


@dataclass(frozen=True)
class PlacesState:
    """The state of all reception places, computed from facts: hours, papers, incidents, tries."""

    hours: Sequence[StatedHours] = ()
    companions: Mapping[str, Companion] = field(default_factory=dict)
    displayed: Mapping[str, DisplayedSet] = field(default_factory=dict)
    checked: Mapping[str, date] = field(default_factory=dict)
    """The local day on which a paper (`fiche-pan@2`) was read again last."""
    incidents: Mapping[int, BookingIncident] = field(default_factory=dict)
    days: Sequence[BookingDay] = ()
    """By place and day."""
    unreadable: int = 0
    """Facts that can’t be read: nothing is decided then."""
    stated: int = 0
    """How many times other hours were stated."""
    facts: Sequence[PlaceFact] = field(default=(), compare=False, repr=False)

    @property
    def exceptions(self) -> Sequence[HoursException]:
        """The exceptional hours of reception places that stand."""
        return [stated.exception for stated in self.hours]

    def open_incidents(self, place: str) -> Sequence[BookingIncident]:
        """Returns a place's booking incidents that have not ended, the earliest first."""
        return [
            incident
            for incident in self.incidents.values()
            if incident.place == place and incident.ended_at is None
        ]


def fold(facts: Iterable[PlaceFact], zone: ZoneInfo) -> PlacesState:  # noqa: C901  (a table)
    """Returns the state of all reception places from their facts."""
    kept = list(facts)
    hours = dict[int, StatedHours]()
    companions = dict[str, Companion]()
    displayed = dict[str, DisplayedSet]()
    checked = dict[str, date]()
    incidents = dict[int, BookingIncident]()
    numbers = dict[SubjectId, int]()
    days = dict[tuple[str, date], BookingDay]()
    stated = 0
    for fact in kept:
        on = fact.happened_at.astimezone(zone).date()
        match fact:
            case HoursExcepted():
                stated = max(stated, fact.number)
                hours[fact.number] = _stated(fact)
            case HoursExceptionEnded():
                hours.pop(fact.number, None)
            case CompanionAdmitted():
                companions[fact.place] = Companion(
                    fact.subject_id, fact.admitted, fact.since, fact.sha256
                )
            case SetDisplayed():
                displayed[fact.place] = DisplayedSet(fact.papers, fact.hours, on)
            case SheetChecked():
                checked[f"{fact.letter}@{fact.version}"] = on
            case IncidentSeen():
                numbers[fact.subject_id] = fact.number
                incidents[fact.number] = BookingIncident(
                    fact.subject_id, fact.number, fact.place, fact.kind, fact.seen_at, fact.item_id
                )
            case IncidentTicketed() | IncidentEnded():
                number = numbers.get(fact.subject_id)
                if number is not None:  # else its beginning can't be read
                    incidents[number] = _of_incident(incidents[number], fact)
            case BookingTried():
                key = (fact.place, fact.on)
                days[key] = _tried(days.get(key), fact)
    return PlacesState(
        list(hours.values()), companions, displayed, checked, incidents,
        [days[key] for key in sorted(days)], stated=stated, facts=kept,
    )  # fmt: skip


def _stated(fact: HoursExcepted) -> StatedHours:
    slots = tuple(OpenSlot(opens=slot.opens, closes=slot.closes) for slot in fact.slots)
    exception = HoursException(fact.number, fact.place, fact.first, fact.last, slots)
    return StatedHours(fact.subject_id, exception, fact.by, fact.sha256)


def _of_incident(
    incident: BookingIncident, fact: IncidentTicketed | IncidentEnded
) -> BookingIncident:
    if isinstance(fact, IncidentTicketed):
        return replace(incident, ticket=fact.sha256)
    return replace(incident, ended_at=fact.ended_at)


def _tried(before: BookingDay | None, fact: BookingTried) -> BookingDay:
    if fact.corrects:
        before = None
    tries = fact.tries + (0 if before is None else before.tries)
    if before is not None and before.found:  # a slot was found: later tries change nothing
        return before
    return BookingDay(fact.place, fact.on, fact.found, tries)


def run_without(
    days: Sequence[BookingDay], place: str, today: date, calendar: WorkingCalendar
) -> Sequence[BookingDay]:
    """Returns the last tried days in a row without a free appointment at a place, in order.

    Empty for fewer than three, or when the last is long ago: nobody has tried since.
    """
    mine = [day for day in days if day.place == place and day.on <= today]
    run: list[BookingDay] = []
    for day in reversed(mine):
        if day.found or (run and not _next_to(day.on, run[0].on, calendar)):
            break
        run.insert(0, day)
    if len(run) < WITHOUT_SLOT:
        return ()
    try:
        recent = calendar.between(run[-1].on, today) <= RECENT
    except BeyondCalendar:
        recent = False
    return run if recent else ()


def _next_to(earlier: date, later: date, calendar: WorkingCalendar) -> bool:
    """Whether at most one jour ouvré without a try lies between two days."""
    try:
        return calendar.between(earlier, later) <= APART
    except BeyondCalendar:
        return False


def may_except(first: date, last: date, slots: Sequence[OpenSlot], today: date) -> None:
    """Raises Refused for exceptional hours: past, far ahead, in wrong order, or touching."""
    if last < first or last < today:
        raise Refused("The days of other hours lie ahead, in order.", "exception-days")
    if last - today > FAR:
        raise Refused("Other hours are two years ahead at most.", "exception-far")
    if not in_order(slots):
        raise Refused("Spans follow each other.", "exception-slots")


def may_end(incident: BookingIncident, at: datetime, now: datetime) -> None:
    """Raises Refused for the end of an incident that ended, or at an impossible moment."""
    if incident.ended_at is not None:
        raise Refused("This incident ended.", "incident-ended", number=incident.number)
    if not incident.seen_at <= at <= now:
        raise Refused("An incident ends after it was seen.", "incident-hours")


def sheet_until(approved: date, checked: date | None, months: int) -> date:
    """Returns the last local day on which a paper on display counts as reviewed.

    Counted from its approval or its last review.
    """
    return after(max(approved, checked or approved), months)
