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
    """The parts of an event that one person writes and another approves, each in versions."""

    LINE = "line"
    """What receipts say while it is open: number, page, 112, 114."""
    REPLY = "reply"
    """What the mass reply says."""
    RULE = "rule"
    """The mail that it is about: words, sources, since when."""


class JoinReason(StrEnum):
    """The reason for which somebody confirmed that an item belongs to an event."""

    RULE = "rule"
    """The event's rule proposed it."""
    PERSON = "person"
    """A person named it."""


class EventAsked(QualityFact):
    """A person asked for an event to be opened; nothing is said to anybody yet."""

    type: Literal["EventAsked"] = "EventAsked"
    number: int
    """From 1, without a gap, exercises included."""
    code: str
    """A short name of lower-case letters, digits and hyphens, such as `crue-2026`."""
    ends_at: AwareDatetime
    exercise: bool


class EventDropped(QualityFact):
    """A person gave up an event that was asked for and not opened."""

    type: Literal["EventDropped"] = "EventDropped"


class EventOpened(QualityFact):
    """A second person opened an event."""

    type: Literal["EventOpened"] = "EventOpened"
    code: str
    ends_at: AwareDatetime
    exercise: bool
    asked: EventId
    """The first person's fact."""


class EventPartWritten(QualityFact):
    """A person wrote a version of a part of an event; it says nothing before it is approved."""

    type: Literal["EventPartWritten"] = "EventPartWritten"
    part: EventPart
    version: int
    """From 1 for each part."""
    sha256: Digest


class EventPartApproved(QualityFact):
    """Another person approved a version of a part of an event; it counts from now on."""

    type: Literal["EventPartApproved"] = "EventPartApproved"
    part: EventPart
    version: int
    sha256: Digest
    """Of what the approver read."""


class ItemsJoined(QualityFact):
    """A person confirmed a list of items as belonging to an event."""

    type: Literal["ItemsJoined"] = "ItemsJoined"
    items: tuple[ItemId, ...]
    reason: JoinReason
    asks_more: tuple[ItemId, ...] = ()
    """Of these, the ones that ask another question too: no mass reply answers them."""


class ItemsLeft(QualityFact):
    """A person took items out of an event."""

    type: Literal["ItemsLeft"] = "ItemsLeft"
    items: tuple[ItemId, ...]


class MassAsked(QualityFact):
    """A person asked that an approved reply leave for a chosen group; nothing leaves yet."""

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
    """A mass reply that was asked for was given up before anything left."""

    type: Literal["MassDropped"] = "MassDropped"
    number: int


class MassOrdered(QualityFact):
    """A second person ordered a mass reply: its notices leave from now on, at the site's speed."""

    type: Literal["MassOrdered"] = "MassOrdered"
    number: int
    asked: EventId


class MassPaused(QualityFact):
    """A person stopped a mass reply; no further notice of it is ordered."""

    type: Literal["MassPaused"] = "MassPaused"
    number: int


class MassResumed(QualityFact):
    """A person let a stopped mass reply go on."""

    type: Literal["MassResumed"] = "MassResumed"
    number: int


class MassEnded(QualityFact):
    """A mass reply ended: each of its items was ordered or left out since, or the event ended."""

    type: Literal["MassEnded"] = "MassEnded"
    number: int
    ordered: int
    left_out: Mapping[str, int]
    """Chosen and then not answered by it, counted by reason."""


class ExerciseReleased(QualityFact):
    """Mails of an exercise may leave, to entries of the site's exercise list and to nobody else."""

    type: Literal["ExerciseReleased"] = "ExerciseReleased"
    number: int
    """Of the mass reply."""
    version: int
    recipients: tuple[str, ...]
    """Ids of entries in events.yaml; their addresses stand there alone."""


class EventClosed(QualityFact):
    """An event closed: its end came, or a person closed it earlier."""

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
