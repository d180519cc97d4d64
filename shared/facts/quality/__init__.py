"""Topic `quality`: what the préfecture states about its figures and books, never about an item.

One chain for the whole site: `seq` is gapless over all subjects, so that a draw or a month that
somebody took away leaves a hole. The key is the subject, on the topic's one partition.

Figures, lists and books stand here; base.py has what all have in common, and each other subject of
the quality system a module of its own. Free text stands in no fact: a fact has its digest, the text
is a row of desk.quality_texts, which can be erased.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.facts.envelope import Digest, EventId, ItemId, Part, PersonId, ServiceId
from shared.facts.quality.auditors import Auditor
from shared.facts.quality.base import LATER
from shared.facts.quality.base import QualityFact as QualityFact
from shared.facts.quality.base import SubjectId as SubjectId
from shared.facts.quality.committee import CommitteeFact
from shared.facts.quality.erasures import Erasure
from shared.facts.quality.events import EventFact
from shared.facts.quality.figures import FiguresStated
from shared.facts.quality.label import LabelFact
from shared.facts.quality.measures import MeasureFact
from shared.facts.quality.perimeter import PerimeterFact
from shared.facts.quality.places import PlaceFact
from shared.facts.quality.survey import SurveyFact
from shared.facts.quality.website import WebsiteFact
from shared.facts.vocabulary import NoticeKind


class MonthClosed(QualityFact):
    """Fact: the figures of a month were closed for ever; later facts don't change them."""

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


class PromiseAs(Part):
    """The state of one promise (an item's clock) of a closed month at a moment, in codes."""

    result: str
    days: int
    """Jours ouvrés; -1: it has not ended."""
    service: str
    channel: str


class MonthCorrected(QualityFact):
    """Fact: a promise of a closed month has changed; the correction stands next to its figures."""

    type: Literal["MonthCorrected"] = "MonthCorrected"
    month: date
    """Its first day."""
    closed: Digest
    """The hash with which it was closed."""
    item_id: ItemId
    clock: str
    before: PromiseAs | None
    """As the month, or the correction before, has it; `None`: it was not in it."""
    after: PromiseAs | None
    """`None`: it is of this month no more."""
    cause: EventId | None
    """The fact of the item that made it; `None`: time alone, or another version of the rules."""
    cause_type: str | None
    author: str | None
    """Who stated that fact, as its `by`."""
    at: AwareDatetime | None
    """When they stated it."""
    reason: str | None
    """The code that they gave, where that fact asks for one."""


class ListKind(StrEnum):
    """The purpose of a frozen list: to draw items from, or to review before an audit."""

    FRAME = "frame"
    """From which an auditor draws."""
    REVIEW = "review"
    """What must be explained before an audit."""


class ListFrozen(QualityFact):
    """Fact: a list of items was frozen as it stood, before anybody chose from it."""

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
    """The number of items drawn from one stratum (service and channel) of a list."""

    stratum: str
    """Service and channel, such as `bmi/email`, or `hors-perimetre`, or `reserve`."""
    n: int
    drawn: int


class DrawMode(StrEnum):
    """Whether the number asked for in a random draw is of the whole list or of each stratum."""

    TOTAL = "total"
    """Of the whole list."""
    EACH = "each"
    """Of each stratum, at most."""


class DrawMade(QualityFact):
    """Fact: items were drawn at random from a frozen list."""

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


class Book(StrEnum):
    """The tables filled by people of which each row has a fact: delegations and bordereaux."""

    DELEGATIONS = "delegations"
    SLIPS = "slips"


class BookOpened(QualityFact):
    """Fact: a book began to publish a fact for each new row; `n` facts tell of its earlier rows.

    These come just before this one, and say how the rows stood then.
    """

    type: Literal["BookOpened"] = "BookOpened"
    book: Book
    n: int
    """Facts that were stated of earlier rows."""


class DelegationGiven(QualityFact):
    """Fact: a delegation of signature was entered, as an arrêté says it."""

    type: Literal["DelegationGiven"] = "DelegationGiven"
    number: int
    person: PersonId
    first: date
    last: date
    """Local days, both included."""
    services: tuple[ServiceId, ...]
    """Whose letters; empty: all."""
    kinds: tuple[NoticeKind, ...]
    """Which texts; empty: all."""
    sha256: Digest
    """Of the row with the arrêté's reference: see services/desk/domain/book_rows.py."""


class DelegationEnded(QualityFact):
    """Fact: a delegation of signature was ended."""

    type: Literal["DelegationEnded"] = "DelegationEnded"
    number: int
    person: PersonId
    sha256: Digest
    """Of the row that is ended."""


class SlipProposed(QualityFact):
    """Fact: a bordereau d'élimination (destruction list) was made; nothing is destroyed yet."""

    type: Literal["SlipProposed"] = "SlipProposed"
    slip: str
    """`36-2029-E-0001`."""
    n: int
    """Items."""
    sha256: Digest
    """Of the table that the archivist is shown, octet for octet."""


class SlipApproved(QualityFact):
    """Fact: the archivist's visa for a bordereau d'élimination was noted."""

    type: Literal["SlipApproved"] = "SlipApproved"
    slip: str
    approved_on: date
    sha256: Digest
    """Of the visa's number, of who gave it and of the day."""


class SlipCarriedOut(QualityFact):
    """Fact: a bordereau's items were destroyed, save those too early or under a legal hold."""

    type: Literal["SlipCarriedOut"] = "SlipCarriedOut"
    slip: str
    destroyed: int
    left: int
    sha256: Digest
    """Of what became of each line."""


class SlipDropped(QualityFact):
    """Fact: a bordereau d'élimination was given up; its items may be proposed again."""

    type: Literal["SlipDropped"] = "SlipDropped"
    slip: str


Quality = (
    MonthClosed
    | MonthCorrected
    | ListFrozen
    | DrawMade
    | BookOpened
    | DelegationGiven
    | DelegationEnded
    | SlipProposed
    | SlipApproved
    | SlipCarriedOut
    | SlipDropped
    | FiguresStated
    | LabelFact
    | MeasureFact
    | CommitteeFact
    | Erasure
    | SurveyFact
    | PlaceFact
    | WebsiteFact
    | EventFact
    | PerimeterFact
    | Auditor
)

QUALITY: TypeAdapter[Quality] = TypeAdapter(
    Annotated[Quality, Field(discriminator="type")], config=LATER
)
"""Decodes a record of topic `quality`."""
