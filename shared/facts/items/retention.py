"""Facts of how long a content stays: withdrawal, legal hold, destruction, and the second person."""

from typing import ClassVar, Literal

from shared.facts.envelope import ArrivalId, EventId, PersonId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import TwoPersonAct


class WithdrawalAsked(ItemFact):
    """Fact: a person asked to delete an item's content, or one message of it, for good.

    A second person must confirm.
    """

    type: Literal["WithdrawalAsked"] = "WithdrawalAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId | None
    """The message whose content must go, with its copies; `None`: all that the item holds."""
    reason: str


class DocumentWithdrawn(ItemFact):
    """Fact: the bytes of one message and its copies were deleted, as a second person confirmed."""

    type: Literal["DocumentWithdrawn"] = "DocumentWithdrawn"
    arrival_id: ArrivalId
    copies: tuple[ArrivalId, ...] = ()
    """Other appearances of the same octets, gone with it."""
    asked: EventId
    """The `WithdrawalAsked` of the first person."""
    reason: str


class SecondPersonAsked(ItemFact):
    """Fact: a person asked for an act on the item that needs a second person to confirm."""

    type: Literal["SecondPersonAsked"] = "SecondPersonAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    act: TwoPersonAct
    reason: str


class LegalHoldPlaced(ItemFact):
    """Fact: a legal hold was placed: nothing of the item may be destroyed while it stands."""

    type: Literal["LegalHoldPlaced"] = "LegalHoldPlaced"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


class LegalHoldLifted(ItemFact):
    """Fact: a legal hold was lifted: the item may be destroyed when its retention ends."""

    type: Literal["LegalHoldLifted"] = "LegalHoldLifted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str
    asked: EventId | None = None
    """The `SecondPersonAsked` of the first person; one was enough before November 2026."""


class ItemWithdrawn(ItemFact):
    """Fact: the item's content was deleted on two people's word; row, facts and chain stay."""

    type: Literal["ItemWithdrawn"] = "ItemWithdrawn"
    second: PersonId
    """The other of the two: the one who had asked."""
    reason: str


class ItemDestroyed(ItemFact):
    """Fact: the item's content was destroyed at the end of retention, with an archivist's visa."""

    type: Literal["ItemDestroyed"] = "ItemDestroyed"
    visa: str
    slip: str | None = None
    """Number of the bordereau d'élimination that the archivist saw."""


RetentionFact = (
    WithdrawalAsked
    | DocumentWithdrawn
    | SecondPersonAsked
    | LegalHoldPlaced
    | LegalHoldLifted
    | ItemWithdrawn
    | ItemDestroyed
)
