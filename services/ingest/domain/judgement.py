"""What ingest says of an arrival before ids, blob keys and moments make it a fact."""

from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.domain.addresses import Address
from services.ingest.domain.observation_judgements import (
    BounceJudgement,
    DepartureJudgement,
    ReplyJudgement,
)
from shared.content.plis import Pli
from shared.facts.arrival_base import ThreadCandidate
from shared.facts.arrivals import Routing, ScanMarks, Verdict
from shared.facts.envelope import ArrivalId, BlobKey, Digest, Receipt
from shared.facts.vocabulary import AttachmentReading, Authentication, Channel


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """The person taken for an email's sender: name and address, what they wrote, why it is held."""

    person: Address
    answer_to: Address
    subject: str
    text: str
    unsure: str = ""
    """What they quote, or wrote: words of danger are looked for there too."""
    channel: Channel = Channel.EMAIL
    holds: tuple[str, ...] = field(default=())
    """Reasons for which nothing may leave before a person's word."""
    written: datetime | None = None
    form: bool = False
    unread_form: str | None = None


@dataclass(frozen=True, slots=True)
class ArrivalJudgement:
    """The judgement of an arrival, which becomes the fact `Arrived` or `ArrivalReread`."""

    verdict: Verdict
    channel: Channel
    receipt: Receipt
    happened_at: datetime
    """The receipt as an instant, UTC: of a day, its beginning in the préfecture."""
    fingerprint: Digest
    routing: Routing
    provisional: bool = False
    message: Digest | None = None
    correspondent: Digest | None = None
    subject: Digest | None = None
    authentication: Authentication = Authentication.NONE
    automatic: str | None = None
    threads: tuple[ThreadCandidate, ...] = ()
    scan: ScanMarks | None = None
    pli: Pli | None = None
    thanks: bool = False
    reading: AttachmentReading | None = None
    unread_form: str | None = None


Judgement = ArrivalJudgement | ReplyJudgement | BounceJudgement | DepartureJudgement

NO_OCTETS = BlobKey("")
"""The original of what is not kept (a probe)."""


@dataclass(frozen=True, slots=True)
class FactContext:
    """The ids, blob keys and moment that turn a judgement into a fact."""

    arrival_id: ArrivalId
    source: str
    original: BlobKey | None
    pli: BlobKey | None
    now: datetime
    asked: str = ""
    """Names the request that has an observation told once more."""
