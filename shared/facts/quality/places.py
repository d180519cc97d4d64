"""Facts about places of reception: hours that differ, papers displayed, bookings that fail.

A place is named by its code in the site's table places.yaml, a paper by letter and version. Nothing
is said of who came: tallies stand in a table of numbers, and are no facts.
"""

from datetime import date, time
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from shared.facts.envelope import Digest, ItemId, Part
from shared.facts.quality.base import QualityFact


class StatedSlot(Part):
    """A span of local time in which a place is open."""

    opens: time
    closes: time


class HoursExcepted(QualityFact):
    """Other hours of a place were stated for some days; of a day the last statement stands."""

    type: Literal["HoursExcepted"] = "HoursExcepted"
    number: int
    """From 1, without a gap."""
    place: str
    first: date
    last: date
    """Local days, both included."""
    slots: tuple[StatedSlot, ...]
    """Empty: closed."""
    sha256: Digest
    """Of the reason."""


class HoursExceptionEnded(QualityFact):
    """Other hours of a place were taken back: its week stands again."""

    type: Literal["HoursExceptionEnded"] = "HoursExceptionEnded"
    number: int
    sha256: Digest
    """Of the reason."""


class CompanionAdmitted(QualityFact):
    """Fact: it was decided whether somebody may come with a visitor to a place."""

    type: Literal["CompanionAdmitted"] = "CompanionAdmitted"
    place: str
    admitted: bool
    since: date
    sha256: Digest
    """Of who decided it, by function or text."""


class SetDisplayed(QualityFact):
    """The papers of a place (slips, panel, poster) were put where the public reads them."""

    type: Literal["SetDisplayed"] = "SetDisplayed"
    place: str
    papers: tuple[str, ...]
    """`fiche-pan@2`: letter and version."""
    hours: Digest
    """Of the hours that they say: other hours later, and they must be printed again."""


class SheetChecked(QualityFact):
    """A slip, panel or poster was read again and is still right."""

    type: Literal["SheetChecked"] = "SheetChecked"
    letter: str
    version: int


class IncidentKind(StrEnum):
    """The kinds of incidents of the booking page."""

    DOWN = "down"
    """It does not open."""
    NO_SLOT = "no_slot"
    """It offers no appointment."""
    ERROR = "error"
    """It fails on the way."""
    OTHER = "other"


class IncidentSeen(QualityFact):
    """Fact: the booking page was seen to fail, by a person or in a complaint."""

    type: Literal["IncidentSeen"] = "IncidentSeen"
    number: int
    """From 1, without a gap."""
    place: str
    kind: IncidentKind
    seen_at: AwareDatetime
    item_id: ItemId | None = None
    """The complaint."""


class IncidentTicketed(QualityFact):
    """An incident was reported to whoever runs the booking page, under a ticket of theirs."""

    type: Literal["IncidentTicketed"] = "IncidentTicketed"
    sha256: Digest
    """Of the ticket's number and what was answered."""


class IncidentEnded(QualityFact):
    """An incident of the booking page ended."""

    type: Literal["IncidentEnded"] = "IncidentEnded"
    ended_at: AwareDatetime


class BookingTried(QualityFact):
    """A person tried to book an appointment, as the public does: found or not, after how many."""

    type: Literal["BookingTried"] = "BookingTried"
    place: str
    on: date
    """Local day."""
    found: bool
    tries: int
    """From 1."""
    corrects: bool = False
    """Whether it stands instead of all that was said before of this place and day."""


PlaceFact = (
    HoursExcepted
    | HoursExceptionEnded
    | CompanionAdmitted
    | SetDisplayed
    | SheetChecked
    | IncidentSeen
    | IncidentTicketed
    | IncidentEnded
    | BookingTried
)
