"""What ingest tells of each appearance in a source (topic `arrivals`, key: arrival id).

An arrival is one appearance in one source, judged but not decided: whether it becomes an item, a
message, a copy or history is the register's decision (DESIGN §2).
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.facts.arrival_base import ArrivalFact, ThreadCandidate
from shared.facts.envelope import BlobKey, Chrono, Digest, Part, PersonId, Receipt, ServiceId
from shared.facts.observations import Observation, ReadAttachments
from shared.facts.vocabulary import (
    AttachmentReading,
    Authentication,
    Category,
    Channel,
    Confidentiality,
    Nature,
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


class ScanMarks(Part):
    """Marks of a scanned paper: sticker, batch, items named, whence its day, a missed separator."""

    label: str | None = None
    batch: str | None = None
    missed_separator: bool = False
    day_from: Literal["sheet", "folder", "asked", "first_seen"] = "first_seen"
    form: bool = False
    """It is the public's form on paper."""
    refers_to: Chrono | None = None  # the item whose number stands on it: a person judges
    refers_by_code: bool = False  # a code that we printed says so: it came back to us
    coded_for: tuple[Chrono, ...] = ()
    """The items that our codes on it name, where they are several: it refers to none of them."""


class JudgedArrival(ArrivalFact):
    """The base of the facts `Arrived` and `ArrivalReread`: original, pli, the rules' judgement."""

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
    reading: AttachmentReading | None = None
    """Its attachments are being read: an `ArrivalReread` follows with what the rules say then."""

    @property
    def label(self) -> str | None:
        """The number of the sticker on a scanned paper, or `None`."""
        return self.scan.label if self.scan else None


class Arrived(JudgedArrival):
    """Fact: an arrival came in; published once for each arrival."""

    type: Literal["Arrived"] = "Arrived"


class ArrivalReread(JudgedArrival):
    """Fact: an arrival was read and judged again; same id, next revision.

    A person asked for it, or the files attached to it were read.
    """

    type: Literal["ArrivalReread"] = "ArrivalReread"
    attachments: ReadAttachments | None = None
    """Its attachments were read: the pli has their text, and the rules have seen it."""


Arrivals = Arrived | ArrivalReread | Observation

ARRIVALS: TypeAdapter[Arrivals] = TypeAdapter(Annotated[Arrivals, Field(discriminator="type")])
"""Decodes a record of topic `arrivals`."""
