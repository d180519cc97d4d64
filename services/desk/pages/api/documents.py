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
    """The base of the JSON documents with which the API answers."""

    model_config = ConfigDict(frozen=True)


class KeyDocument(Document):
    """The key of the request: its scopes (rights), services, rate limit and expiry."""

    key: str
    label: str
    scopes: list[str]
    services: list[str]
    per_minute: int
    expires_at: datetime


class ListedItemDocument(Document):
    """An item as a line of a list: numbers, codes and days, no content."""

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
    """A page of a list of items, the newest first, with the address of the next page."""

    items: list[ListedItemDocument]
    next: Annotated[str | None, Field(description="Address of the next page; null: none.")]


class ClockDocument(Document):
    """A deadline timer (clock) of an item in its present state."""

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
    """An arrival (mail, scan, form) that belongs to an item: as its first, a message, a copy …."""

    arrival: UUID
    what: str
    source: str
    received_at: datetime
    sha256: Annotated[str, Field(description="Of the original's octets.")]
    erased: Annotated[bool, Field(description="Its content was withdrawn or destroyed.")]


class FactDocument(Document):
    """A fact (event) about an item, with the number by which `undo`, `split` and others name it."""

    seq: int
    fact: Annotated[str, Field(description="Its type, as topic `items` has it.")]
    happened_at: datetime
    stands: Annotated[bool, Field(description="False: it was taken back.")]
    statement: Annotated[bool, Field(description="False: it happened, and can't be taken back.")]
    arrival: Annotated[UUID | None, Field(description="The message that it tells of.")]


class NoticeDocument(Document):
    """A notice to an item's sender (receipt, reply …) and its state: planned, sent and so on."""

    notice: Annotated[UUID, Field(description="Its id; `post` names a printed letter so.")]
    kind: str
    way: str | None
    state: str
    at: datetime


class OpinionDocument(Document):
    """An opinion about an item that another service was asked for and has not given yet."""

    fact: Annotated[int, Field(description="Number of the fact that asks; `undo` names it so.")]
    service: Annotated[str, Field(description="The service that was asked.")]
    until: date


class ItemDocument(Document):
    """All data of an item but the content of its messages."""

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
    opinions: Annotated[list[OpinionDocument], Field(description="Asked for, and not given yet.")]
    clocks: list[ClockDocument]
    arrivals: list[ArrivalDocument]
    notices: list[NoticeDocument]
    facts: list[FactDocument]


class CountedDayDocument(Document):
    """A calendar day in the count of a deadline: its number as a jour ouvré, or why it has none."""

    day: date
    number: Annotated[int | None, Field(description="The jour ouvré that it is; null: none.")]
    why: str | None
    limit: bool


class ExplainedClockDocument(Document):
    """A deadline of an item, explained in the French sentences that its page shows."""

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
    """All deadlines of an item, each explained."""

    chrono: str
    version: int
    clocks: list[ExplainedClockDocument]


class AttachmentDocument(Document):
    """A file attached to a message, with the text that was read in it."""

    name: str
    media_type: str
    size: int
    sha256: str
    text: Annotated[str, Field(description="What was read in it.")]


class MessageDocument(Document):
    """The content of one message of an item as text: sender, subject, words, attachments."""

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
    """The content of all messages of an item: first the one that opened it."""

    chrono: str
    version: int
    messages: list[MessageDocument]


class DepartureDocument(Document):
    """An outgoing letter or email: its own chrono, and that of the item which it answers."""

    departure: str
    chrono: str
    service: str
    recorded_at: datetime


class DeparturePageDocument(Document):
    """A page of the list of outgoing letters and emails, the latest first."""

    departures: list[DepartureDocument]
    next: str | None


class FigureDocument(Document):
    """A quality figure of one service and month: promises kept of due, and the rate's interval."""

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
    """A list of quality figures by service and month, equal to those of the pages."""

    figures: list[FigureDocument]


class LetterDocument(Document):
    """An approved standard letter, whose merge fields stand in braces."""

    letter: str
    version: int
    service: Annotated[str | None, Field(description="Null: every service.")]
    kind: str
    title: str
    subject: str
    body: str


class LettersDocument(Document):
    """The approved standard letters that the key's services may use."""

    letters: list[LetterDocument]


def tag_of(octets: bytes) -> str:
    """Computes the ETag of an answer from its octets: a quoted part of their SHA-256."""
    return f'"{sha256(octets).hexdigest()[:32]}"'


def tag_of_document(answer: BaseModel) -> str:
    """Computes the ETag that a document has when it is the answer to a request."""
    return tag_of(answer.model_dump_json().encode())


def is_named(tag: str, header: str) -> bool:
    """Whether a header If-None-Match or If-Match names an ETag; `*` names every one."""
    return bool({tag, "*"} & {said.strip().removeprefix("W/") for said in header.split(",")})
