"""What a person wrote down of an item, in words: they lie in a pli, never in the fact."""

from typing import ClassVar, Literal

from shared.facts.envelope import BlobKey, Weight
from shared.facts.item import ItemFact


class SubjectNoted(ItemFact):
    """What it is about, in a few words: lists and the search show them as its subject."""

    type: Literal["SubjectNoted"] = "SubjectNoted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    pli: BlobKey


class SenderNoted(ItemFact):
    """Who writes, and where an answer goes: instead of what the arrival says, or where it is mute.

    Name and addresses lie in the pli; who must know them follows its key.
    """

    type: Literal["SenderNoted"] = "SenderNoted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    pli: BlobKey
