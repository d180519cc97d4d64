"""What every fact about an item carries, and the parts that several of them share."""

from typing import ClassVar

from shared.facts.envelope import Fact, ItemId, Part, Topic
from shared.facts.vocabulary import Category, Confidentiality, Nature, Priority, SenderKind


class ItemFact(Fact):
    """Keyed by its item. `seq`, gapless per item, orders "the last one wins" (CLOCKS, rule 20)."""

    topic: ClassVar[Topic] = Topic.ITEMS
    item_id: ItemId
    seq: int

    @property
    def key(self) -> str:
        """All that concerns one item, in order."""
        return str(self.item_id)


class Classification(Part):
    """What an item is; stated whole each time, so that the last one is enough."""

    category: Category
    nature: Nature
    perimeter: bool
    reason: str | None = None
    """Why it is out of the perimeter: a code of the site."""
    priority: Priority = Priority.NORMALE
    confidentiality: Confidentiality = Confidentiality.NORMAL
    sender_kind: SenderKind = SenderKind.UNKNOWN
