"""Facts that correct earlier ones: the one undo, the day of receipt, items merged and split."""

from typing import ClassVar, Literal

from shared.facts.envelope import Chrono, EventId, ItemId, Receipt, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import Channel


class FactWithdrawn(ItemFact):
    """The one undo: takes a *statement* back; the thing is said again, never un-withdrawn."""

    type: Literal["FactWithdrawn"] = "FactWithdrawn"
    fact: EventId
    fact_type: str
    reason: str


class ReceiptCorrected(ItemFact):
    """The true day of receipt, confirmed or corrected."""

    type: Literal["ReceiptCorrected"] = "ReceiptCorrected"
    weight: ClassVar[Weight] = Weight.STATEMENT
    receipt: Receipt
    reason: str


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
