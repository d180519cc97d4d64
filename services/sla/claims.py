"""What the ticker asks beside what is due: when the next is, what is of older rules, or ahead."""

from collections.abc import Sequence
from datetime import datetime

from services.sla.store import Row, rows_of
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

NEXT = "SELECT min(wake_at) FROM sla.items WHERE wake_at IS NOT NULL"


async def next_due(connection: Connection) -> datetime | None:
    """Returns when the next item is to be woken, `None` when none is; locks nothing."""
    due: datetime | None = await connection.fetchval(NEXT)
    return due


CLAIM_OUTDATED = """
    SELECT * FROM sla.items WHERE open AND edition < $1 AND awaits = 0
    ORDER BY edition LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_outdated(connection: Connection, edition: int, limit: int) -> Sequence[Row]:
    """Claims at most `limit` open items planned under rules older than `edition`.

    Items that are locked or being rebuilt are skipped.
    """
    return await rows_of(connection, CLAIM_OUTDATED, edition, limit)


COUNT_OUTDATED = "SELECT count(*) FROM sla.items WHERE open AND edition < $1 AND awaits = 0"


async def count_outdated(connection: Connection, edition: int) -> int:
    """Counts the open items that are still planned under older rules."""
    return int(await connection.fetchval(COUNT_OUTDATED, edition))


CLAIM_AHEAD = """
    SELECT * FROM sla.items WHERE stepped_at > $1
    ORDER BY stepped_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_ahead(connection: Connection, moment: datetime, limit: int) -> Sequence[Row]:
    """Claims at most `limit` items last updated later than `moment`, as a fast clock may have done.

    Locked ones are skipped.
    """
    return await rows_of(connection, CLAIM_AHEAD, moment, limit)


STEPPED = "UPDATE sla.items SET stepped_at = $2 WHERE item_id = ANY($1::uuid[])"


async def keep_steps(connection: Connection, items: Sequence[ItemId], now: datetime) -> None:
    """Stores when the clocks of these items were last updated, or an update was tried."""
    await connection.execute(STEPPED, items, now)
