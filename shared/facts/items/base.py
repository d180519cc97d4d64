"""What every fact about an item carries, and the parts that several of them share."""

from typing import ClassVar, Final

from shared.facts.envelope import Fact, ItemId, Part, Topic
from shared.facts.vocabulary import Category, Confidentiality, Nature, Priority, SenderKind


class ItemFact(Fact):
    """The base of all facts about an item; `seq`, gapless for each item, gives their order."""

    topic: ClassVar[Topic] = Topic.ITEMS
    item_id: ItemId
    seq: int

    @property
    def key(self) -> str:
        """The Kafka key, the item's id: all facts about one item travel in order."""
        return str(self.item_id)


THEMED: Final = frozenset({Nature.COMPLAINT, Nature.SUGGESTION})
"""Natures that have a theme."""


class Classification(Part):
    """The classification of an item, which decides its promises, and who may read it.

    Category, nature, perimeter, priority, confidentiality, the kind of sender, theme.
    """

    category: Category
    nature: Nature
    perimeter: bool
    reason: str | None = None
    """Why it is out of the perimeter: a code of the site."""
    priority: Priority = Priority.NORMALE
    confidentiality: Confidentiality = Confidentiality.NORMAL
    sender_kind: SenderKind = SenderKind.UNKNOWN
    theme: str | None = None
    """What a complaint or suggestion is about: a code of the site's themes; `None`: nobody said."""
