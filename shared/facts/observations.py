"""Facts of topic `arrivals` about what only was observed: it is seen, and registers nothing.

A reply of ours in a Sent folder, a letter of ours that leaves, a bounce, and how far a source is
read.
"""

from typing import Literal

from pydantic import AwareDatetime

from shared.facts.arrival_base import ArrivalFact, ThreadCandidate
from shared.facts.envelope import (
    BlobKey,
    Chrono,
    Digest,
    ItemId,
    NoticeId,
    Part,
    Receipt,
    ServiceId,
)
from shared.facts.vocabulary import NoticeKind


class ReadAttachments(Part):
    """The number of attached files of an arrival that were read, and of those that could not be."""

    read: int
    unread: int = 0


class ReplySeen(ArrivalFact):
    """Fact: an email that looks like our reply was seen in a watched Sent folder (DOMAIN §6)."""

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
    """Fact: a mailbox, folder or spool was read completely, and its content published.

    Whatever had come there by `until` is among the facts before this one.
    """

    type: Literal["SourceRead"] = "SourceRead"
    service: ServiceId | None
    until: AwareDatetime


Observation = ReplySeen | DepartureScanned | BounceSeen | SourceRead
