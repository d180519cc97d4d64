"""What ingest says of a mail that registers nothing: a reply of ours, a bounce, a departure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.content.plis import Pli
from shared.facts.arrival_base import ThreadCandidate
from shared.facts.envelope import Chrono, Digest, ItemId, NoticeId, Receipt, ServiceId
from shared.facts.vocabulary import NoticeKind


@dataclass(frozen=True, slots=True)
class ReplyJudgement:
    """The judgement of an email written by one of our services; it becomes `ReplySeen`."""

    service: ServiceId
    message: Digest | None
    sent_at: datetime
    to: tuple[Digest, ...]
    subject: Digest | None
    threads: tuple[ThreadCandidate, ...]
    looks_like: NoticeKind | None


@dataclass(frozen=True, slots=True)
class BounceJudgement:
    """The judgement of an email that came back undelivered; it becomes `BounceSeen`."""

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
