"""Facts that correct earlier ones: the one undo, the day of receipt, items merged and split."""

from typing import ClassVar, Literal

from shared.facts.envelope import Chrono, EventId, ItemId, Receipt, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import Channel


class FactWithdrawn(ItemFact):
    """Fact: an earlier statement about the item was withdrawn (undo); a withdrawal never can be."""

    type: Literal["FactWithdrawn"] = "FactWithdrawn"
    fact: EventId
    fact_type: str
    reason: str


class ReceiptCorrected(ItemFact):
    """Fact: the day of receipt of the item was confirmed or corrected by a person."""

    type: Literal["ReceiptCorrected"] = "ReceiptCorrected"
    weight: ClassVar[Weight] = Weight.STATEMENT
    receipt: Receipt
    reason: str


class ItemMergedInto(ItemFact):
    """Fact: the item was merged into another, to which its chrono leads; figures ignore it."""

    type: Literal["ItemMergedInto"] = "ItemMergedInto"
    weight: ClassVar[Weight] = Weight.STATEMENT
    survivor: ItemId
    survivor_chrono: Chrono


class ItemAbsorbed(ItemFact):
    """Fact: another item was merged into this one; the earliest receipt counts (CLOCKS, rule 9)."""

    type: Literal["ItemAbsorbed"] = "ItemAbsorbed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    absorbed: ItemId
    absorbed_chrono: Chrono
    receipt: Receipt
    channel: Channel


class ItemSplitFrom(ItemFact):
    """Fact: the item was split off from another, with a chrono and receipt of its own."""

    type: Literal["ItemSplitFrom"] = "ItemSplitFrom"
    parent: ItemId
    parent_chrono: Chrono


CorrectionFact = FactWithdrawn | ReceiptCorrected | ItemMergedInto | ItemAbsorbed | ItemSplitFrom
