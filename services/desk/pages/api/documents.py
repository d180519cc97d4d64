"""The JSON documents of the API: fields are only ever added, never taken away or changed.

Days are local dates, moments are UTC. Codes are those of the facts (docs/asyncapi.json) and of the
site's tables.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Confirmed = Annotated[
    bool,
    Field(
        description="False: service, category, perimeter and limits are what the register proposes,"
        " and nobody has sorted the item yet."
    ),
]


class Document(BaseModel):
    """The base of all documents of the API."""

    model_config = ConfigDict(frozen=True)


class KeyDocument(Document):
    """The presented key: scopes, services, pace and end."""

    key: str
    label: str
    scopes: list[str]
    services: list[str]
    per_minute: int
    expires_at: datetime


class ListedItemDocument(Document):
    """An item in a list: numbers, codes and days."""

    chrono: str
    version: Annotated[int, Field(description="Grows with each fact about the item.")]
    state: str
    confirmed: Confirmed
    channel: str
    category: str
    nature: str
    priority: str
    perimeter: bool
    reserved: bool
    service: str
    agent: Annotated[str | None, Field(description="Id of the person who holds it.")]
    signatory: str | None
    received_on: date
    registered_at: datetime
    due: Annotated[date | None, Field(description="An answer is due until 24:00 of this day.")]
    due_clock: str | None
    late: bool
    at_risk: bool


class ItemPageDocument(Document):
    """A page of items, the newest first."""

    items: list[ListedItemDocument]
    next: Annotated[str | None, Field(description="Address of the next page; null: none.")]


class ClockDocument(Document):
    """A deadline of an item, as it stands."""

    clock: str
    runs: bool
    limit: date
    day_zero: date | None
    commitment: str | None
    paused_since: date | None
    paused_until: date | None
    rungs: list[str]
    outcome: str | None
    stopped_at: datetime | None
    raw: Annotated[int | None, Field(description="Days from day 0 to the end.")]
    net: Annotated[int | None, Field(description="The same without waits for pieces.")]


class ArrivalDocument(Document):
    """An arrival of an item: what opened it, a message, a copy, a departure."""

    arrival: UUID
    what: str
    source: str
    received_at: datetime
    sha256: Annotated[str, Field(description="Of the original's octets.")]
    erased: Annotated[bool, Field(description="Its content was withdrawn or destroyed.")]


class FactDocument(Document):
    """A fact of an item, by its number: `undo`, `split` and some other decisions name it so."""

    seq: int
    fact: Annotated[str, Field(description="Its type, as topic `items` has it.")]
    happened_at: datetime
    stands: Annotated[bool, Field(description="False: it was taken back.")]
    statement: Annotated[bool, Field(description="False: it happened, and can't be taken back.")]
    arrival: Annotated[UUID | None, Field(description="The message that it tells of.")]


class NoticeDocument(Document):
    """A notice to the sender (receipt, reply …), and how far it came."""

    notice: Annotated[UUID, Field(description="Its id; `post` names a printed letter so.")]
    kind: str
    way: str | None
    state: str
    at: datetime


class ItemDocument(Document):
    """All of an item but its content: see its messages."""

    chrono: str
    version: int
    state: str
    confirmed: Confirmed
    channel: str
    category: str
    nature: str
    priority: str
    perimeter: bool
    reserved: bool
    service: str
    copies: list[str]
    agent: str | None
    signatory: str | None
    received_on: date
    provisional: Annotated[bool, Field(description="The day of receipt is to be confirmed.")]
    waits: list[str]
    pieces_until: date | None
    holding_until: date | None
    answered_at: datetime | None
    closed: Annotated[str | None, Field(description="Code of the reason.")]
    merged_into: Annotated[str | None, Field(description="Null also where the key may not know.")]
    absorbed: Annotated[list[str], Field(description="Those that the key may know of.")]
    former: Annotated[list[str], Field(description="Numbers from before a restore.")]
    departures: list[str]
    clocks: list[ClockDocument]
    arrivals: list[ArrivalDocument]
    notices: list[NoticeDocument]
    facts: list[FactDocument]


class CountedDayDocument(Document):
    """A calendar day in the count of a deadline."""

    day: date
    number: Annotated[int | None, Field(description="The jour ouvré that it is; null: none.")]
    why: str | None
    limit: bool


class ExplainedClockDocument(Document):
    """A deadline explained, in the French sentences of the item's page."""

    name: str
    runs: bool
    limit: date
    late: bool
    sentence: str
    source: str
    result: str
    reasons: list[str]
    days: list[CountedDayDocument]
    spans: list[str]


class ItemClocksDocument(Document):
    """The deadlines of an item, each explained."""

    chrono: str
    version: int
    clocks: list[ExplainedClockDocument]


class AttachmentDocument(Document):
    """A file attached to a message."""

    name: str
    media_type: str
    size: int
    sha256: str
    text: Annotated[str, Field(description="What was read in it.")]


class MessageDocument(Document):
    """The content of an arrival, as text."""

    arrival: UUID
    what: str
    received_at: datetime
    available: Annotated[bool, Field(description="False: withdrawn, or not readable for now.")]
    sender_name: str = ""
    sender_address: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    attachments: list[AttachmentDocument] = []


class ItemMessagesDocument(Document):
    """The messages of an item: the one that opened it first."""

    chrono: str
    version: int
    messages: list[MessageDocument]


class DepartureDocument(Document):
    """An outgoing letter: its number, and that of the item which it answers."""

    departure: str
    chrono: str
    service: str
    recorded_at: datetime


class DeparturePageDocument(Document):
    """A page of departures, the latest first."""

    departures: list[DepartureDocument]
    next: str | None


class FigureDocument(Document):
    """A promise of one service in one month: kept of due, with the 95 % interval of the rate."""

    code: str
    service: str
    month: str
    kept: int
    due: int
    low: float
    high: float
    late: int
    overdue: int
    unanswered: Annotated[int, Field(description="Closed without an answer.")]
    open: int


class FiguresDocument(Document):
    """Figures, as every page and file has them."""

    figures: list[FigureDocument]


class LetterDocument(Document):
    """A standard letter in force, with its merge fields as they are written."""

    letter: str
    version: int
    service: Annotated[str | None, Field(description="Null: every service.")]
    kind: str
    title: str
    subject: str
    body: str


class LettersDocument(Document):
    """The standard letters in force."""

    letters: list[LetterDocument]


def tag_of(octets: bytes) -> str:
    """Computes the tag of an answer."""
    return f'"{sha256(octets).hexdigest()[:32]}"'


def tag_of_document(answer: BaseModel) -> str:
    """Computes the tag that a document has as an answer."""
    return tag_of(answer.model_dump_json().encode())


def is_named(tag: str, header: str) -> bool:
    """Returns whether a header If-None-Match or If-Match names a tag, or any by `*`."""
    return bool({tag, "*"} & {said.strip().removeprefix("W/") for said in header.split(",")})
