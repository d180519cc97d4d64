"""Facts of the services: what is said to the sender, what is waited for, how an item ends."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import (
    ArrivalId,
    BlobKey,
    Chrono,
    Digest,
    EventId,
    NoticeId,
    PersonId,
    Weight,
)
from shared.facts.item import ItemFact
from shared.facts.words import ClockName, Effect, NoticeKind, Proof, ServerAnswer, Way


class NoticeOrdered(ItemFact):
    """A person asks that this text leave; its event id is the occasion of the notice."""

    type: Literal["NoticeOrdered"] = "NoticeOrdered"
    weight: ClassVar[Weight] = Weight.STATEMENT
    kind: NoticeKind
    way: Way
    pli: BlobKey | None = None
    """The composed text, where it is not the site's template alone."""
    until: date | None = None
    """The new date of a holding reply, the time limit of missing pieces."""
    pieces: tuple[str, ...] = ()
    """Codes of the pieces asked for."""
    addressee: str | None = None
    """Code of the office to which it is transmitted."""
    template: str | None = None
    """The standard letter from which the text was composed, `letter@version`."""


class ReceiptSent(ItemFact):
    """The neutral registration receipt left (CRPA R112-11-1)."""

    type: Literal["ReceiptSent"] = "ReceiptSent"
    notice_id: NoticeId | None
    way: Way
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class AcknowledgementSent(ItemFact):
    """The accusé de réception left, in one of its three forms (CRPA L112-3, R112-5)."""

    type: Literal["AcknowledgementSent"] = "AcknowledgementSent"
    kind: Literal[NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA]
    notice_id: NoticeId | None
    way: Way
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class PiecesRequested(ItemFact):
    """Missing pieces were asked for, by a local date (CRPA L114-5)."""

    type: Literal["PiecesRequested"] = "PiecesRequested"
    weight: ClassVar[Weight] = Weight.STATEMENT
    until: date
    notice_id: NoticeId | None = None
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class PiecesReceived(ItemFact):
    """The pieces arrived: every open request of the item ends (CLOCKS, rule 13)."""

    type: Literal["PiecesReceived"] = "PiecesReceived"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId | None = None


class AwaitingThird(ItemFact):
    """Somebody else must speak first; a state, no clock stops (DOMAIN §6)."""

    type: Literal["AwaitingThird"] = "AwaitingThird"
    weight: ClassVar[Weight] = Weight.STATEMENT
    who: str
    expected: date | None = None


class ThirdAnswered(ItemFact):
    """The third party spoke."""

    type: Literal["ThirdAnswered"] = "ThirdAnswered"
    weight: ClassVar[Weight] = Weight.STATEMENT


class ReplyInSignature(ItemFact):
    """The draft lies with a signatory, who now holds the item."""

    type: Literal["ReplyInSignature"] = "ReplyInSignature"
    weight: ClassVar[Weight] = Weight.STATEMENT
    signatory: PersonId


class SignatureReturned(ItemFact):
    """It came back from signature to whoever held it before."""

    type: Literal["SignatureReturned"] = "SignatureReturned"
    weight: ClassVar[Weight] = Weight.STATEMENT


class HoldingReplySent(ItemFact):
    """A réponse d'attente left with a new date; from then on its own clock speaks."""

    type: Literal["HoldingReplySent"] = "HoldingReplySent"
    weight: ClassVar[Weight] = Weight.STATEMENT
    until: date
    notice_id: NoticeId | None = None
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class ReplyObserved(ItemFact):
    """A message to the sender stands in a Sent folder: rungs hide, clocks run (CLOCKS, rule 10)."""

    type: Literal["ReplyObserved"] = "ReplyObserved"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId
    message: Digest | None
    looks_like: NoticeKind | None = None


class ReplySent(ItemFact):
    """The reply left at `happened_at`: this alone stops the reply clock."""

    type: Literal["ReplySent"] = "ReplySent"
    weight: ClassVar[Weight] = Weight.STATEMENT
    proof: Proof
    observation: EventId | None = None
    """The `ReplyObserved` that it confirms."""
    departure: Chrono | None = None
    notice_id: NoticeId | None = None
    template: str | None = None
    """The standard letter from which it was composed, `letter@version`."""
    document: BlobKey | None = None
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class DecisionTaken(ItemFact):
    """An explicit decision of that local day stops the clock of the implied one."""

    type: Literal["DecisionTaken"] = "DecisionTaken"
    weight: ClassVar[Weight] = Weight.STATEMENT
    effect: Effect
    day: date


class ItemTransferred(ItemFact):
    """Transmitted to another administration (CRPA L114-2)."""

    type: Literal["ItemTransferred"] = "ItemTransferred"
    weight: ClassVar[Weight] = Weight.STATEMENT
    to: str
    """Code of the office, or `autre`."""
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""


class PersonTold(ItemFact):
    """The person knows of the transmission."""

    type: Literal["PersonTold"] = "PersonTold"
    notice_id: NoticeId | None
    way: Way
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class ItemClosed(ItemFact):
    """Put away; without a reply it needs its reason."""

    type: Literal["ItemClosed"] = "ItemClosed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


class ItemReopened(ItemFact):
    """Taken out again."""

    type: Literal["ItemReopened"] = "ItemReopened"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


class ReminderAnswered(ItemFact):
    """The holder answers a reminder with a reason and a date (CLOCKS, rule 8)."""

    type: Literal["ReminderAnswered"] = "ReminderAnswered"
    weight: ClassVar[Weight] = Weight.STATEMENT
    clock: ClockName
    reason: str
    until: date


class FactWithdrawn(ItemFact):
    """The one undo: takes a *statement* back; the thing is said again, never un-withdrawn."""

    type: Literal["FactWithdrawn"] = "FactWithdrawn"
    fact: EventId
    fact_type: str
    reason: str
