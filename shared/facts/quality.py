"""Topic `quality`: what the préfecture states about its own figures and promises, never an item.

One chain for the whole site: `seq` is gapless over all subjects, so that a draw or a month that
somebody took away leaves a hole. The key is the subject, on the topic's one partition.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, NewType
from uuid import UUID

from pydantic import Field, TypeAdapter

from shared.facts.envelope import Digest, Fact, ItemId, Part, Topic

SubjectId = NewType("SubjectId", UUID)
"""A month, a list, a draw (shared/ids.quality_id)."""


class QualityFact(Fact):
    """Stated about one subject, in the one chain of the site."""

    topic: ClassVar[Topic] = Topic.QUALITY
    subject_id: SubjectId
    seq: int

    @property
    def key(self) -> str:
        """All that concerns one subject, in order."""
        return str(self.subject_id)


class MonthClosed(QualityFact):
    """The figures of a month are what they are, for ever: later facts stand beside them."""

    type: Literal["MonthClosed"] = "MonthClosed"
    month: date
    """Its first day."""
    hash: Digest
    """Over the head of the month and every promise, a line each."""
    n: int
    """Promises."""
    definition: int
    """By which its rate is counted (docs/decisions/0027)."""
    rules: int
    """The applied version that judged it."""
    calendar: Digest
    """Of rules and worked days."""


class ListKind(StrEnum):
    """What a list is for."""

    FRAME = "frame"
    """From which an auditor draws."""
    REVIEW = "review"
    """What must be explained before an audit."""


class ListFrozen(QualityFact):
    """A list is kept as it stood, before anybody chose from it or spoke of it."""

    type: Literal["ListFrozen"] = "ListFrozen"
    kind: ListKind
    first: date
    last: date
    """Local days, both included."""
    n: int
    """Lines, without the one of names."""
    sha256: Digest
    """Of the list's text in UTF-8: CSV, names first, each line ended by a line feed."""


class Share(Part):
    """How much of one stratum was drawn."""

    stratum: str
    """Service and channel, such as `bmi/email`, or `hors-perimetre`, or `reserve`."""
    n: int
    drawn: int


class DrawMode(StrEnum):
    """What the number asked for counts."""

    TOTAL = "total"
    """Of the whole list."""
    EACH = "each"
    """Of each stratum, at most."""


class DrawMade(QualityFact):
    """Items were drawn from a frozen list, by a word that came after it."""

    type: Literal["DrawMade"] = "DrawMade"
    frame_id: SubjectId
    """The list's subject."""
    frame: Digest
    """Its SHA-256."""
    first: date
    last: date
    seed: str
    """A word or number that the auditor said: nobody's name."""
    mode: DrawMode
    count: int
    shares: tuple[Share, ...]
    chosen: tuple[ItemId, ...]
    """By stratum and rank."""


Quality = MonthClosed | ListFrozen | DrawMade

QUALITY: TypeAdapter[Quality] = TypeAdapter(Annotated[Quality, Field(discriminator="type")])
"""Decodes a record of topic `quality`."""
