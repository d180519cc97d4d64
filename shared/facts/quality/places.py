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
    """A span of local time in which a reception place is open."""

    opens: time
    closes: time


class HoursExcepted(QualityFact):
    """Fact: exceptional hours of a reception place were stated; of a day the last ones count."""

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
    """Fact: exceptional hours of a reception place were withdrawn: its normal week counts."""

    type: Literal["HoursExceptionEnded"] = "HoursExceptionEnded"
    number: int
    sha256: Digest
    """Of the reason."""


class CompanionAdmitted(QualityFact):
    """Fact: it was decided whether somebody may accompany a visitor of a reception place."""

    type: Literal["CompanionAdmitted"] = "CompanionAdmitted"
    place: str
    admitted: bool
    since: date
    sha256: Digest
    """Of who decided it, by function or text."""


class SetDisplayed(QualityFact):
    """Fact: the papers of a reception place (slips, panel, poster) were put on display."""

    type: Literal["SetDisplayed"] = "SetDisplayed"
    place: str
    papers: tuple[str, ...]
    """`fiche-pan@2`: letter and version."""
    hours: Digest
    """Of the hours that they say: other hours later, and they must be printed again."""


class SheetChecked(QualityFact):
    """Fact: an approved paper (slip, panel, poster) was reviewed and is still right."""

    type: Literal["SheetChecked"] = "SheetChecked"
    letter: str
    version: int


class IncidentKind(StrEnum):
    """The kinds of incidents of the page on which appointments are booked."""

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
    """Fact: an incident of the booking page was reported to its operator, under a ticket."""

    type: Literal["IncidentTicketed"] = "IncidentTicketed"
    sha256: Digest
    """Of the ticket's number and what was answered."""


class IncidentEnded(QualityFact):
    """Fact: an incident of the booking page ended."""

    type: Literal["IncidentEnded"] = "IncidentEnded"
    ended_at: AwareDatetime


class BookingTried(QualityFact):
    """Fact: a person tried to book an appointment as the public does: found or not, how often."""

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
