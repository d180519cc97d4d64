"""Facts of routing: which list an item waits in, who has it, what it is, notes and opinions."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import BlobKey, EventId, PersonId, Receipt, ServiceId, Weight
from shared.facts.items.base import Classification, ItemFact
from shared.facts.vocabulary import ClockName, NoteKind, RegimeStart, Waiting


class WaitStarted(ItemFact):
    """Fact: the item entered a work list in which it waits for a person."""

    type: Literal["WaitStarted"] = "WaitStarted"
    waiting: Waiting
    service: ServiceId


class WaitEnded(ItemFact):
    """Fact: the item left a work list; after `TO_QUALIFY` its service and category stand."""

    type: Literal["WaitEnded"] = "WaitEnded"
    waiting: Waiting


class ItemAssigned(ItemFact):
    """Fact: the item was assigned to a service, perhaps to an agent; others get it as a copy."""

    type: Literal["ItemAssigned"] = "ItemAssigned"
    weight: ClassVar[Weight] = Weight.STATEMENT
    service: ServiceId
    agent: PersonId | None = None
    copies: tuple[ServiceId, ...] = ()
    informed: tuple[PersonId, ...] = ()


class ItemReclassified(ItemFact):
    """Fact: the item was classified anew; category and nature choose the commitment.

    A person did so, or the rules that read its attachments while nobody had sorted it.
    """

    type: Literal["ItemReclassified"] = "ItemReclassified"
    weight: ClassVar[Weight] = Weight.STATEMENT
    classification: Classification
    asked: EventId | None = None
    """The `SecondPersonAsked` of the first person, where two were needed."""


class RegimeConfirmed(ItemFact):
    """Fact: a person confirmed the item's regime: what silence means, and from which day."""

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


class ReplyInSignature(ItemFact):
    """Fact: the draft reply was given to a signatory, who now holds the item."""

    type: Literal["ReplyInSignature"] = "ReplyInSignature"
    weight: ClassVar[Weight] = Weight.STATEMENT
    signatory: PersonId


class SignatureReturned(ItemFact):
    """Fact: the draft reply came back from signature to the holder before."""

    type: Literal["SignatureReturned"] = "SignatureReturned"
    weight: ClassVar[Weight] = Weight.STATEMENT


class ReminderAnswered(ItemFact):
    """Fact: the holder answered a reminder with a reason and a date (CLOCKS, rule 8)."""

    type: Literal["ReminderAnswered"] = "ReminderAnswered"
    weight: ClassVar[Weight] = Weight.STATEMENT
    clock: ClockName
    reason: str
    until: date


class NoteWritten(ItemFact):
    """Fact: a colleague noted something about the item; its sender never sees it.

    Nothing that is sent is made of it (docs/decisions/0130).
    """

    type: Literal["NoteWritten"] = "NoteWritten"
    weight: ClassVar[Weight] = Weight.STATEMENT
    kind: NoteKind
    on: date | None = None
    """The local day of the call or visit; `None` of a note."""
    named: tuple[PersonId, ...] = ()
    """Colleagues whom its text names by `@`: each could read the item when it was written."""
    pli: BlobKey | None = None
    """Its text; `None`: a call or visit of which nothing more was noted."""
    answers: EventId | None = None
    """The `OpinionAsked` that this note answers; `None`: it answers none."""


class OpinionAsked(ItemFact):
    """Fact: another service was asked what it thinks of the item, by a date; it reads the item.

    No clock moves. A `NoteWritten` that names this fact answers it (docs/decisions/0112).
    """

    type: Literal["OpinionAsked"] = "OpinionAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    service: ServiceId
    """The service that is asked."""
    until: date
    """The last local day for its answer, a jour ouvré when it was asked."""
    pli: BlobKey
    """The question's text."""


RoutingFact = (
    WaitStarted
    | WaitEnded
    | NoteWritten
    | OpinionAsked
    | ItemAssigned
    | ItemReclassified
    | RegimeConfirmed
    | ReplyInSignature
    | SignatureReturned
    | ReminderAnswered
)
