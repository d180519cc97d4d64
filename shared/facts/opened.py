"""Facts of the mail office: an item is opened, sorted, corrected, joined, parted, destroyed."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.arrivals import Routing
from shared.facts.envelope import (
    ArrivalId,
    BlobKey,
    Chrono,
    Digest,
    EventId,
    ItemId,
    PersonId,
    Receipt,
    ServiceId,
    Weight,
)
from shared.facts.item import Classification, ItemFact
from shared.facts.words import Authentication, Channel, Nature, RegimeStart, Waiting


class ItemRegistered(ItemFact):
    """An item has its chrono; from this second it is timed."""

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


class WaitStarted(ItemFact):
    """It waits for a person in this list; in quarantine the arrival's id stands for the item's."""

    type: Literal["WaitStarted"] = "WaitStarted"
    waiting: Waiting
    service: ServiceId


class WaitEnded(ItemFact):
    """A person (or a certain rule) dealt with it. Of `TO_QUALIFY`: service and category stand."""

    type: Literal["WaitEnded"] = "WaitEnded"
    waiting: Waiting


class ItemAssigned(ItemFact):
    """One service in charge, perhaps one agent; copies are for information."""

    type: Literal["ItemAssigned"] = "ItemAssigned"
    weight: ClassVar[Weight] = Weight.STATEMENT
    service: ServiceId
    agent: PersonId | None = None
    copies: tuple[ServiceId, ...] = ()
    informed: tuple[PersonId, ...] = ()


class ItemReclassified(ItemFact):
    """A person says what it is; category and nature choose the commitment."""

    type: Literal["ItemReclassified"] = "ItemReclassified"
    weight: ClassVar[Weight] = Weight.STATEMENT
    classification: Classification
    asked: EventId | None = None
    """The `SecondPersonAsked` of the first person, where two were needed."""


class RegimeConfirmed(ItemFact):
    """A person, or a certain rule, says what silence will mean, and from which local day."""

    type: Literal["RegimeConfirmed"] = "RegimeConfirmed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    regime: str | None
    """Code of regimes.yaml; `None`: a demande without implied decision."""
    start: RegimeStart
    received: Receipt
    """At the first or competent office, or of the complete file, as `start` says."""
    presumed_complete: bool = False
    """On that day a récépissé was delivered: it presumes a complete file (CE, 6 May 2025,
    n° 499904)."""
    extended: str | None = None
    """Why the period was lengthened, once: a code of the site's reasons."""
    extended_on: date | None = None
    """The local day on which that was decided."""


class ReceiptCorrected(ItemFact):
    """The true day of receipt, confirmed or corrected."""

    type: Literal["ReceiptCorrected"] = "ReceiptCorrected"
    weight: ClassVar[Weight] = Weight.STATEMENT
    receipt: Receipt
    reason: str


class SenderWroteAgain(ItemFact):
    """A message of the same person joined this item; a chaser restarts nothing (DOMAIN §4)."""

    type: Literal["SenderWroteAgain"] = "SenderWroteAgain"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId
    nature: Nature
    pli: BlobKey | None
    original: BlobKey | None = None
    message: Digest | None = None
    danger: bool = False
    """A word of the site's table of danger was read in it."""


class ItemMergedInto(ItemFact):
    """This item was another's message: its chrono points there and figures ignore it."""

    type: Literal["ItemMergedInto"] = "ItemMergedInto"
    weight: ClassVar[Weight] = Weight.STATEMENT
    survivor: ItemId
    survivor_chrono: Chrono


class ItemAbsorbed(ItemFact):
    """The survivor took another in: it counts from the earliest receipt (CLOCKS, rule 9)."""

    type: Literal["ItemAbsorbed"] = "ItemAbsorbed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    absorbed: ItemId
    absorbed_chrono: Chrono
    receipt: Receipt
    channel: Channel


class ItemSplitFrom(ItemFact):
    """This item was cut from another and has a chrono and receipt of its own."""

    type: Literal["ItemSplitFrom"] = "ItemSplitFrom"
    parent: ItemId
    parent_chrono: Chrono


class ItemWithdrawn(ItemFact):
    """Its content is gone from everywhere, on two persons' word; row, facts and chain stay."""

    type: Literal["ItemWithdrawn"] = "ItemWithdrawn"
    second: PersonId
    """The other of the two: the one who had asked."""
    reason: str


class ItemDestroyed(ItemFact):
    """Its content was destroyed at the end of retention, under an archivist's visa."""

    type: Literal["ItemDestroyed"] = "ItemDestroyed"
    visa: str
    slip: str | None = None
    """Number of the bordereau d'élimination that the archivist saw."""
