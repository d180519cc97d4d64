"""Facts of how the work on an item ends: decided, transferred, closed, reopened."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import EventId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import Effect


class DecisionTaken(ItemFact):
    """Fact: a person decided on the item's request, by rejecting or accepting, on a local day.

    It stops the implied decision's clock.
    """

    type: Literal["DecisionTaken"] = "DecisionTaken"
    weight: ClassVar[Weight] = Weight.STATEMENT
    effect: Effect
    day: date


class ItemTransferred(ItemFact):
    """Fact: the item was transmitted to another administration (CRPA L114-2)."""

    type: Literal["ItemTransferred"] = "ItemTransferred"
    weight: ClassVar[Weight] = Weight.STATEMENT
    to: str
    """Code of the office, or `autre`."""
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""


class ItemClosed(ItemFact):
    """Fact: the item was closed, with a reason code."""

    type: Literal["ItemClosed"] = "ItemClosed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


class ItemReopened(ItemFact):
    """Fact: the closed item was opened again, with a reason code."""

    type: Literal["ItemReopened"] = "ItemReopened"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


ClosureFact = DecisionTaken | ItemTransferred | ItemClosed | ItemReopened
