"""What the ticker asks beside what is due: when the next is, what is of older rules, or ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.sla.store import Row, rows_of
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.site.applied_rules import EDITION

NEXT = "SELECT min(wake_at) FROM sla.items WHERE wake_at IS NOT NULL"


async def next_due(connection: Connection) -> datetime | None:
    """Returns when the next item is to be woken, `None` when none is; locks nothing."""
    due: datetime | None = await connection.fetchval(NEXT)
    return due


@dataclass(frozen=True, slots=True)
class WorkInSight:
    """The work that a ticker would find now: a hint, since nothing is locked meanwhile."""

    due: datetime | None
    """When the next item is to be woken; `None`: none is."""
    braked: bool
    """Whether a wave of reminders is held back."""
    outdated: bool
    """Whether open items were planned under former rules, save those that are being rebuilt."""
    ahead: bool
    """Whether an item's clocks were updated later than the moment that was asked about."""

    def is_due(self, now: datetime) -> bool:
        """Whether an item is to be woken now."""
        return self.due is not None and self.due <= now


LOOK = f"""
    SELECT ({NEXT}) AS due,
        EXISTS (SELECT FROM sla.brake) AS braked,
        (SELECT edition FROM sla.items WHERE open AND awaits = 0 AND edition < ({EDITION})
         ORDER BY edition LIMIT 1) IS NOT NULL AS outdated,
        (SELECT stepped_at FROM sla.items WHERE stepped_at > $1
         ORDER BY stepped_at LIMIT 1) IS NOT NULL AS ahead
"""  # noqa: S608  (ours); in order: else a plan for any moment reads the table to find none


async def look(connection: Connection, moment: datetime) -> WorkInSight:
    """Returns what there is to do, by the ends of indexes; locks nothing.

    `moment`: later than any clock that is right has updated an item.
    """
    row = await connection.fetchrow(LOOK, moment)
    assert row is not None  # noqa: S101  (a SELECT without FROM has one row)
    return WorkInSight(*row)


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
