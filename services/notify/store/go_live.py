"""SQL of notices that wait for go-live: what is held for one reason, to be decided again."""

from collections.abc import Sequence

from services.notify.store.ledger import LedgerRow, readable
from shared.facts.envelope import ItemId
from shared.platform.database import Connection


async def items_held(
    connection: Connection, why: str, after: ItemId | None, limit: int
) -> Sequence[ItemId]:
    """Lists at most `limit` items with a notice held for a reason, by id; locks nothing.

    Items set aside as unreadable are left out: their dead letter brings them back.
    """
    rows = await connection.fetch(
        """
        SELECT DISTINCT item_id FROM notify.ledger
        WHERE state = 'held' AND why = $1 AND item_id IS NOT NULL
          AND ($2::uuid IS NULL OR item_id > $2)
          AND NOT EXISTS (SELECT FROM notify.dead_letters AS letter
                          WHERE letter.topic = 'item'
                            AND letter.key = convert_to(ledger.item_id::text, 'UTF8'))
        ORDER BY item_id LIMIT $3
        """,
        why,
        after,
        limit,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def pages_held(connection: Connection, why: str) -> Sequence[LedgerRow]:
    """Reads the notices held for a reason that concern no item, and locks them."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE state = 'held' AND why = $1 AND item_id IS NULL
        ORDER BY notice_id FOR UPDATE
        """,
        why,
    )
    return await readable(connection, rows)
