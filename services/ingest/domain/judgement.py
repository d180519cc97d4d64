"""What ingest says of an arrival before ids, blob keys and moments make it a fact."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.content.plis import Pli
from shared.facts.arrivals import (
    Routing,
    ScanMarks,
    ThreadCandidate,
    Verdict,
)
from shared.facts.envelope import (
    ArrivalId,
    BlobKey,
    Chrono,
    Digest,
    ItemId,
    NoticeId,
    Receipt,
    ServiceId,
)
from shared.facts.vocabulary import Authentication, Channel, NoticeKind


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


@dataclass(frozen=True, slots=True)
class ReplyJudgement:
    """The judgement of a mail that one of our services wrote; it becomes the fact `ReplySeen`."""

    service: ServiceId
    message: Digest | None
    sent_at: datetime
    to: tuple[Digest, ...]
    subject: Digest | None
    threads: tuple[ThreadCandidate, ...]
    looks_like: NoticeKind | None


@dataclass(frozen=True, slots=True)
class BounceJudgement:
    """The judgement of a mail that came back undelivered; it becomes the fact `BounceSeen`."""

    action: Literal["failed", "delayed", "delivered"]
    status: str
    notice_id: NoticeId | None
    item_id: ItemId | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DepartureJudgement:
    """The judgement of a scanned letter of ours that leaves; it becomes `DepartureScanned`."""

    chrono: Chrono
    kind: NoticeKind
    receipt: Receipt
    happened_at: datetime
    pli: Pli
    fingerprint: Digest


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
