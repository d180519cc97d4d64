"""Facts about events (module 7): a crisis or its exercise, what is said in it, and to whom.

Two persons open one, approve each of its texts and let a mass reply leave, each in a session of
their own. What was written is text: its fact has the digest. An event moves no clock and no rate.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from shared.facts.envelope import Digest, EventId, ItemId
from shared.facts.quality.base import QualityFact


class EventPart(StrEnum):
    """The parts of a crisis event that one person writes and another approves, in versions."""

    LINE = "line"
    """What receipts say while it is open: number, page, 112, 114."""
    REPLY = "reply"
    """What the mass reply says."""
    RULE = "rule"
    """The mail that it is about: words, sources, since when."""


class JoinReason(StrEnum):
    """The reason for which somebody confirmed that an item belongs to a crisis event."""

    RULE = "rule"
    """The event's rule proposed it."""
    PERSON = "person"
    """A person named it."""


class EventAsked(QualityFact):
    """Fact: a person asked to open a crisis event; nothing is said to anybody yet."""

    type: Literal["EventAsked"] = "EventAsked"
    number: int
    """From 1, without a gap, exercises included."""
    code: str
    """A short name of lower-case letters, digits and hyphens, such as `crue-2026`."""
    ends_at: AwareDatetime
    exercise: bool


class EventDropped(QualityFact):
    """Fact: a person gave up a crisis event that was requested and not opened."""

    type: Literal["EventDropped"] = "EventDropped"


class EventOpened(QualityFact):
    """Fact: a second person opened a crisis event."""

    type: Literal["EventOpened"] = "EventOpened"
    code: str
    ends_at: AwareDatetime
    exercise: bool
    asked: EventId
    """The first person's fact."""


class EventPartWritten(QualityFact):
    """Fact: a person wrote a version of a crisis event's part, to be approved."""

    type: Literal["EventPartWritten"] = "EventPartWritten"
    part: EventPart
    version: int
    """From 1 for each part."""
    sha256: Digest


class EventPartApproved(QualityFact):
    """Fact: another person approved a version of a crisis event's part; it counts from now on."""

    type: Literal["EventPartApproved"] = "EventPartApproved"
    part: EventPart
    version: int
    sha256: Digest
    """Of what the approver read."""


class ItemsJoined(QualityFact):
    """Fact: a person confirmed a list of items as belonging to a crisis event."""

    type: Literal["ItemsJoined"] = "ItemsJoined"
    items: tuple[ItemId, ...]
    reason: JoinReason
    asks_more: tuple[ItemId, ...] = ()
    """Of these, the ones that ask another question too: no mass reply answers them."""


class ItemsLeft(QualityFact):
    """Fact: a person took items out of a crisis event."""

    type: Literal["ItemsLeft"] = "ItemsLeft"
    items: tuple[ItemId, ...]


class MassAsked(QualityFact):
    """Fact: a person requested a mass reply to a chosen group; nothing is sent yet."""

    type: Literal["MassAsked"] = "MassAsked"
    number: int
    """From 1 within the event."""
    version: int
    """Of the reply."""
    n: int
    """Notices that will leave."""
    sha256: Digest
    """Of the list of items, or of the entries of the exercise list: an id a line."""
    left_out: Mapping[str, int]
    """Joined and not answered by it, counted by reason."""


class MassDropped(QualityFact):
    """Fact: a requested mass reply was given up before anything was sent."""

    type: Literal["MassDropped"] = "MassDropped"
    number: int


class MassOrdered(QualityFact):
    """Fact: a second person ordered a mass reply: its notices leave at the site's speed."""

    type: Literal["MassOrdered"] = "MassOrdered"
    number: int
    asked: EventId


class MassPaused(QualityFact):
    """Fact: a person paused a mass reply; no further notice of it is ordered."""

    type: Literal["MassPaused"] = "MassPaused"
    number: int


class MassResumed(QualityFact):
    """Fact: a person resumed a paused mass reply."""

    type: Literal["MassResumed"] = "MassResumed"
    number: int


class MassEnded(QualityFact):
    """Fact: a mass reply ended: each item was ordered or left out, or the event ended."""

    type: Literal["MassEnded"] = "MassEnded"
    number: int
    ordered: int
    left_out: Mapping[str, int]
    """Chosen and then not answered by it, counted by reason."""


class ExerciseReleased(QualityFact):
    """Fact: emails of an exercise may leave, to the site's exercise list and nobody else."""

    type: Literal["ExerciseReleased"] = "ExerciseReleased"
    number: int
    """Of the mass reply."""
    version: int
    recipients: tuple[str, ...]
    """Ids of entries in events.yaml; their addresses stand there alone."""


class EventClosed(QualityFact):
    """Fact: a crisis event closed: its end came, or a person closed it earlier."""

    type: Literal["EventClosed"] = "EventClosed"


EventFact = (
    EventAsked
    | EventDropped
    | EventOpened
    | EventPartWritten
    | EventPartApproved
    | ItemsJoined
    | ItemsLeft
    | MassAsked
    | MassDropped
    | MassOrdered
    | MassPaused
    | MassResumed
    | MassEnded
    | ExerciseReleased
    | EventClosed
)
