"""What ingest tells of each appearance in a source (topic `arrivals`, key: arrival id).

An arrival is one appearance in one source, judged but not decided: whether it becomes an item, a
message, a copy or history is the register's decision (DESIGN §2).
"""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.facts.envelope import (
    ArrivalId,
    BlobKey,
    Chrono,
    Digest,
    Fact,
    ItemId,
    NoticeId,
    Part,
    PersonId,
    Receipt,
    ServiceId,
    Topic,
)
from shared.facts.vocabulary import (
    Authentication,
    Category,
    Channel,
    Confidentiality,
    Nature,
    NoticeKind,
    Priority,
    SenderKind,
)


class Enter(Part):
    """The verdict that an arrival goes to the register: a new item, a message of one, or a copy."""

    kind: Literal["enter"] = "enter"


class SetAside(Part):
    """The verdict that an arrival is set aside (newsletter, robot, spam); `reason` is a code."""

    kind: Literal["set_aside"] = "set_aside"
    reason: str


class Quarantine(Part):
    """The verdict that an arrival can't be read and a person must look; `reason` is a code."""

    kind: Literal["quarantine"] = "quarantine"
    reason: str


class Probe(Part):
    """The verdict that an arrival is our own probe (test mail): counted, not kept."""

    kind: Literal["probe"] = "probe"
    sent_at: AwareDatetime


Verdict = Annotated[Enter | SetAside | Quarantine | Probe, Field(discriminator="kind")]


class Routing(Part):
    """The proposal of the site's routing table, with the rule that decided.

    `certain` is the rule that the site marks certain, by an author, a date and a reason: then, and
    only then, service and category stand without a person's word.
    """

    rule: str
    category: Category | None = None
    service: ServiceId | None = None
    agent: PersonId | None = None
    nature: Nature = Nature.UNKNOWN
    sender_kind: SenderKind = SenderKind.UNKNOWN
    priority: Priority = Priority.NORMALE
    confidentiality: Confidentiality = Confidentiality.NORMAL
    certain: str | None = None
    danger: bool = False
    """A word of the site's table of danger was read: the on-call person is told at once."""
    hold: str | None = None
    """The code of the reason for which nothing may leave before a person's word."""
    theme: str | None = None
    """What the sender themselves said it is about, on our public form."""


class TokenThread(Part):
    """The thread candidate of a mail that bears our signed token of an item: certain."""

    kind: Literal["token"] = "token"
    chrono: Chrono


class MessageThread(Part):
    """The thread candidate of a mail by the Message-IDs that it answers, nearest first."""

    kind: Literal["references"] = "references"
    messages: tuple[Digest, ...]


class LikenessThread(Part):
    """The thread candidate of a mail by the same correspondent and subject: only a proposal."""

    kind: Literal["likeness"] = "likeness"
    subject: Digest


ThreadCandidate = Annotated[
    TokenThread | MessageThread | LikenessThread, Field(discriminator="kind")
]


class ScanMarks(Part):
    """The marks on a scanned paper: its sticker's number, its batch, and how the file was cut."""

    label: str | None = None
    batch: str | None = None
    missed_separator: bool = False
    day_from: Literal["sheet", "folder", "asked", "first_seen"] = "first_seen"
    form: bool = False
    """It is the public's form on paper."""


class ArrivalFact(Fact):
    """The base of all facts about an arrival; the arrival's id is their Kafka key."""

    topic: ClassVar[Topic] = Topic.ARRIVALS
    arrival_id: ArrivalId
    source: str
    """The source's id in the site, such as `mailbox:pref-bmi`, `scans:courrier` or `spool`."""

    @property
    def key(self) -> str:
        """The Kafka key, the arrival's id: all facts about one arrival travel in order."""
        return str(self.arrival_id)


class JudgedArrival(ArrivalFact):
    """The fields of a fact about an arrival: its original, its pli, and the rules' judgement."""

    revision: int = 1
    verdict: Verdict
    channel: Channel
    receipt: Receipt
    provisional: bool = False
    """The receipt is "first seen": a person confirms it (DESIGN §3, Time)."""
    original: BlobKey
    pli: BlobKey | None
    """`None` when nothing could be read, or nothing is kept (probe). In quarantine: what little
    could be read, for a person to look at."""
    fingerprint: Digest
    message: Digest | None = None
    """SHA-256 of the Message-ID, by which later references find this message."""
    correspondent: Digest | None = None
    """Keyed pseudonym of the person to answer (see shared/content/tokens.py)."""
    subject: Digest | None = None
    """Keyed pseudonym of the bare subject."""
    authentication: Authentication = Authentication.NONE
    automatic: str | None = None
    """The RFC 3834 reason for which nothing automatic may answer, `None` when it may."""
    routing: Routing
    threads: tuple[ThreadCandidate, ...] = ()
    scan: ScanMarks | None = None
    thanks: bool = False
    """The sender's own text says thanks and asks nothing."""


class Arrived(JudgedArrival):
    """Fact: an arrival came in; told once for each arrival."""

    type: Literal["Arrived"] = "Arrived"


class ArrivalReread(JudgedArrival):
    """Fact: an arrival was read and judged again, as a person asked; same id, next revision."""

    type: Literal["ArrivalReread"] = "ArrivalReread"


class ReplySeen(ArrivalFact):
    """Fact: a mail that looks like our reply was seen in a watched Sent folder (DOMAIN §6)."""

    type: Literal["ReplySeen"] = "ReplySeen"
    service: ServiceId
    original: BlobKey | None
    """Kept only when it answers something of ours; what answers no item leaves no trace."""
    message: Digest | None
    sent_at: AwareDatetime
    to: tuple[Digest, ...]
    """Keyed pseudonyms of all addressees."""
    subject: Digest | None
    threads: tuple[ThreadCandidate, ...] = ()
    looks_like: NoticeKind | None = None
    """The standard text that it carries, when it is not a reply."""


class DepartureScanned(ArrivalFact):
    """Fact: an outgoing letter that bears our code (chrono and kind) was scanned."""

    type: Literal["DepartureScanned"] = "DepartureScanned"
    chrono: Chrono
    kind: NoticeKind
    receipt: Receipt
    original: BlobKey
    pli: BlobKey | None = None


class BounceSeen(ArrivalFact):
    """Fact: a delivery status (bounce) for a notice came in at its signed return path."""

    type: Literal["BounceSeen"] = "BounceSeen"
    original: BlobKey
    notice_id: NoticeId | None
    """From the signed return path or our Message-ID; `None` when it names no notice of ours."""
    item_id: ItemId | None = None
    action: Literal["failed", "delayed", "delivered"]
    status: str
    """RFC 3463 code, such as `5.1.1`."""


class SourceRead(ArrivalFact):
    """Fact: a mailbox, folder or spool was read completely; all it held at `until` was told."""

    type: Literal["SourceRead"] = "SourceRead"
    service: ServiceId | None
    until: AwareDatetime


Arrivals = Arrived | ArrivalReread | ReplySeen | DepartureScanned | BounceSeen | SourceRead

ARRIVALS: TypeAdapter[Arrivals] = TypeAdapter(Annotated[Arrivals, Field(discriminator="type")])
"""Decodes a record of topic `arrivals`."""
