"""Facts of what left for the sender short of a reply: receipt, acknowledgement, holding reply."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import EventId, NoticeId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import NoticeKind, ServerAnswer, Way


class ReceiptSent(ItemFact):
    """Fact: the neutral receipt of registration was sent to the sender (CRPA R112-11-1)."""

    type: Literal["ReceiptSent"] = "ReceiptSent"
    notice_id: NoticeId | None
    way: Way
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class AcknowledgementSent(ItemFact):
    """Fact: an acknowledgement was sent, in one of its three forms (CRPA L112-3, R112-5)."""

    type: Literal["AcknowledgementSent"] = "AcknowledgementSent"
    kind: Literal[NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA]
    notice_id: NoticeId | None
    way: Way
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class HoldingReplySent(ItemFact):
    """Fact: a holding reply (réponse d'attente) was sent; its new date has a clock of its own."""

    type: Literal["HoldingReplySent"] = "HoldingReplySent"
    weight: ClassVar[Weight] = Weight.STATEMENT
    until: date
    notice_id: NoticeId | None = None
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class PersonTold(ItemFact):
    """Fact: the sender was told that their item went to another administration."""

    type: Literal["PersonTold"] = "PersonTold"
    notice_id: NoticeId | None
    way: Way
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


AcknowledgementFact = ReceiptSent | AcknowledgementSent | HoldingReplySent | PersonTold
