"""Other items that the facts of an item name, and that its reader may not know of."""

from collections.abc import Callable, Iterator, Sequence

from services.desk.domain.item import Item
from services.desk.store import items
from shared.facts.envelope import Chrono, ItemId
from shared.facts.items import Items
from shared.facts.items.corrections import ItemAbsorbed, ItemMergedInto, ItemSplitFrom
from shared.platform.database import Connection
from shared.platform.postgres.rows import UnreadableRow


async def hidden_numbers(
    connection: Connection, facts: Sequence[Items], knows: Callable[[Item], bool]
) -> frozenset[Chrono]:
    """Returns the numbers that an item's facts give of items which a reader may not know of.

    `knows` judges one such item; one that can't be read is hidden.
    """
    named = sorted(set(_named(facts)))
    return frozenset(
        [chrono for item_id, chrono in named if not await is_known(connection, item_id, knows)]
    )


async def is_known(connection: Connection, item_id: ItemId, knows: Callable[[Item], bool]) -> bool:
    """Returns whether an item is there, can be read, and may be known of, as `knows` judges it."""
    try:
        found = (await items.read(connection, [item_id])).get(item_id)
    except UnreadableRow:  # nobody knows who may see it
        return False
    return found is not None and knows(found)


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
