"""Facts of registration: an item opens, its sender writes again, subject and sender are noted."""

from typing import ClassVar, Literal

from shared.facts.arrivals import Routing
from shared.facts.envelope import (
    ArrivalId,
    BlobKey,
    Chrono,
    Digest,
    PersonId,
    Receipt,
    ServiceId,
    Weight,
)
from shared.facts.items.base import Classification, ItemFact
from shared.facts.vocabulary import AttachmentReading, Authentication, Channel, Nature


class ItemRegistered(ItemFact):
    """Fact: an item was registered with its chrono; its clocks run from this second."""

    type: Literal["ItemRegistered"] = "ItemRegistered"
    chrono: Chrono
    channel: Channel
    receipt: Receipt
    provisional: bool = False
    """The receipt is "first seen": a person will confirm it."""
    classification: Classification
    service: ServiceId
    agent: PersonId | None = None
    informed: tuple[PersonId, ...] = ()
    """In copy for information, such as the quality officer of a complaint (DOMAIN §7)."""
    qualified: bool
    """A person or a certain rule stands for service and category; else `WaitStarted` follows."""
    source: str | None = None
    """Such as `mailbox:pref`; `None`: keyed, split off, or stated by an earlier version."""
    arrival_id: ArrivalId | None
    """`None` when it was keyed at the counter or split off."""
    pli: BlobKey | None
    original: BlobKey | None = None
    """The octets as they came: their SHA-256 enters the evidence chain by this fact."""
    correspondent: Digest | None = None
    message: Digest | None = None
    subject: Digest | None = None
    """Keyed pseudonym of the bare subject: with the correspondent, the thread (RFC 3834)."""
    authentication: Authentication = Authentication.NONE
    automatic: str | None = None
    """The RFC 3834 reason for which nothing automatic may answer."""
    hold: str | None = None
    """The code for which nothing may leave before a person's word."""
    danger: bool = False
    imported: bool = False
    """Taken over open from another register: timed from its true date, nothing said of its past."""
    proposal: Routing | None = None
    reading: AttachmentReading | None = None
    """Its attachments are being read; `AttachmentsRead` follows."""


class SenderWroteAgain(ItemFact):
    """Fact: a new message of the sender joined this item; no clock restarts (DOMAIN §4)."""

    type: Literal["SenderWroteAgain"] = "SenderWroteAgain"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId
    nature: Nature
    pli: BlobKey | None
    original: BlobKey | None = None
    message: Digest | None = None
    danger: bool = False
    """A word of the site's table of danger was read in it."""


class SubjectNoted(ItemFact):
    """Fact: a person noted the item's subject in a few words, shown by lists and search."""

    type: Literal["SubjectNoted"] = "SubjectNoted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    pli: BlobKey


class SenderNoted(ItemFact):
    """Fact: a person noted who writes and where they are answered, instead of the arrival's word.

    Name and addresses lie in the pli, whose key the fact carries.
    """

    type: Literal["SenderNoted"] = "SenderNoted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    pli: BlobKey


RegistrationFact = ItemRegistered | SenderWroteAgain | SubjectNoted | SenderNoted
