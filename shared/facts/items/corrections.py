"""Facts that correct earlier ones: the one undo, the day of receipt, items merged and split."""

from typing import ClassVar, Literal

from shared.facts.envelope import Chrono, EventId, ItemId, Receipt, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import Channel


class FactWithdrawn(ItemFact):
    """A fact was withdrawn (undo): only a statement can be, and never a withdrawal."""

    type: Literal["FactWithdrawn"] = "FactWithdrawn"
    fact: EventId
    fact_type: str
    reason: str


class ReceiptCorrected(ItemFact):
    """The day of receipt was confirmed or corrected."""

    type: Literal["ReceiptCorrected"] = "ReceiptCorrected"
    weight: ClassVar[Weight] = Weight.STATEMENT
    receipt: Receipt
    reason: str


class ItemMergedInto(ItemFact):
    """The item was merged into another: its chrono points there and figures ignore it."""

    type: Literal["ItemMergedInto"] = "ItemMergedInto"
    weight: ClassVar[Weight] = Weight.STATEMENT
    survivor: ItemId
    survivor_chrono: Chrono


class ItemAbsorbed(ItemFact):
    """Another item was merged into this one: the earliest receipt counts (CLOCKS, rule 9)."""

    type: Literal["ItemAbsorbed"] = "ItemAbsorbed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    absorbed: ItemId
    absorbed_chrono: Chrono
    receipt: Receipt
    channel: Channel


class ItemSplitFrom(ItemFact):
    """The item was split off from another and has a chrono and receipt of its own."""

    type: Literal["ItemSplitFrom"] = "ItemSplitFrom"
    parent: ItemId
    parent_chrono: Chrono
