"""Rebuilding: what is derived is emptied, what stands is kept, the register tells its facts again.

Until an item has as many facts as it had, nothing is told of it: half a history would withdraw and
tell again what the whole one confirms.
"""

from services.sla import store
from shared.platform.database import Connection

COUNT = """
    UPDATE sla.items AS kept
    SET plan = NULL, wake_at = NULL, unread_since = NULL,
        awaits = greatest(kept.awaits, known.facts)
    FROM (SELECT items.item_id, count(facts.event_id)::integer AS facts
          FROM sla.items LEFT JOIN sla.facts USING (item_id) GROUP BY items.item_id
          ORDER BY items.item_id) AS known
    WHERE kept.item_id = known.item_id
"""
EMPTY = "TRUNCATE sla.facts, sla.running"
WAITING = "SELECT count(*) FROM sla.items WHERE awaits > 0"


async def empty(connection: Connection) -> int:
    """Empties sla's tables derived from facts; returns how many items wait for their facts."""
    await store.sources_read(connection)
    await connection.execute("LOCK TABLE sla.items IN EXCLUSIVE MODE")
    await connection.execute(COUNT)
    await connection.execute(EMPTY)
    return int(await connection.fetchval(WAITING))
