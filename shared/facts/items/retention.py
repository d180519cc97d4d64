"""Facts of how long a content stays: withdrawal, legal hold, destruction, and the second person."""

from typing import ClassVar, Literal

from shared.facts.envelope import ArrivalId, EventId, PersonId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import TwoPersonAct


class WithdrawalAsked(ItemFact):
    """A person asks that a document go for good; nothing goes before another one confirms it."""

    type: Literal["WithdrawalAsked"] = "WithdrawalAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId | None
    """The message whose content must go, with its copies; `None`: all that the item holds."""
    reason: str


class DocumentWithdrawn(ItemFact):
    """A second person confirmed: the bytes of one message and of its copies are gone."""

    type: Literal["DocumentWithdrawn"] = "DocumentWithdrawn"
    arrival_id: ArrivalId
    copies: tuple[ArrivalId, ...] = ()
    """Other appearances of the same octets, gone with it."""
    asked: EventId
    """The `WithdrawalAsked` of the first person."""
    reason: str


class SecondPersonAsked(ItemFact):
    """A person asks what needs two; nothing changes before another one confirms it."""

    type: Literal["SecondPersonAsked"] = "SecondPersonAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    act: TwoPersonAct
    reason: str


class LegalHoldPlaced(ItemFact):
    """Nothing of it may be destroyed while this stands: a judge or an auditor may ask for it."""

    type: Literal["LegalHoldPlaced"] = "LegalHoldPlaced"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


class LegalHoldLifted(ItemFact):
    """It may be destroyed again when its time has come."""

    type: Literal["LegalHoldLifted"] = "LegalHoldLifted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str
    asked: EventId | None = None
    """The `SecondPersonAsked` of the first person; one was enough before November 2026."""


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
