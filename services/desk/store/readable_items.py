"""Items of which some may be unreadable: those that can be read, whatever the others are.

Where many are decided or listed at once, a fact that can't be read costs one item (store/items.py
raises it).
"""

from collections.abc import Iterable, Mapping, Sequence

from services.desk.domain.fold import fold
from services.desk.store import fact_history, items
from services.desk.store.items import StoredItemRow
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.platform.postgres.rows import UnreadableRow


async def lock(
    connection: Connection, item_ids: Iterable[ItemId]
) -> tuple[Mapping[ItemId, StoredItemRow], Mapping[ItemId, UnreadableRow]]:
    """Locks items and reads them with their facts; returns unreadable ones apart, as errors."""
    locked = await items.lock_rows(connection, sorted(set(item_ids)))
    stated, unreadable = await fact_history.readable(connection, locked)
    return {
        item_id: StoredItemRow(fold(told), told) for item_id, told in stated.items()
    }, unreadable


async def peek(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[ItemId, StoredItemRow]:
    """Reads items with their facts, without a lock; unknown and unreadable ones are left out."""
    stated, _ = await fact_history.readable(connection, item_ids)
    return {item_id: StoredItemRow(fold(told), told) for item_id, told in stated.items()}
