"""Other items that the facts of an item name, and that its reader may not know of."""

from collections.abc import Callable, Iterator, Sequence

from services.desk.domain.item import Item
from services.desk.store import items
from shared.facts.envelope import Chrono, ItemId
from shared.facts.items import Items
from shared.facts.items.corrections import ItemAbsorbed, ItemMergedInto, ItemSplitFrom
from shared.platform.database import Connection
from shared.platform.postgres.rows import UnreadableRow


async def hidden(
    connection: Connection, facts: Sequence[Items], knows: Callable[[Item], bool]
) -> frozenset[Chrono]:
    """Returns the numbers that an item's facts give of items which a reader may not know of.

    `knows` judges one such item. One that can't be read is hidden: nobody knows who may see it.
    """
    found = set[Chrono]()
    for item_id, chrono in sorted(set(_named(facts))):
        try:
            known = (await items.read(connection, [item_id])).get(item_id)
        except UnreadableRow:
            known = None
        if known is None or not knows(known):
            found.add(chrono)
    return frozenset(found)


def _named(facts: Sequence[Items]) -> Iterator[tuple[ItemId, Chrono]]:
    for fact in facts:
        match fact:
            case ItemMergedInto():
                yield fact.survivor, fact.survivor_chrono
            case ItemAbsorbed():
                yield fact.absorbed, fact.absorbed_chrono
            case ItemSplitFrom():
                yield fact.parent, fact.parent_chrono
            case _:
                pass
