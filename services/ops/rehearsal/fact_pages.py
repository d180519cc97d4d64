"""The register's facts as a rehearsal reads them: page after page in the order of the item's id.

One transaction sees them all as they stood at its begin, and memory holds one page. What can't be
read is counted and said, never passed over (ADR 0057).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.store import fact_history
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.platform.database import Connection

PAGE = 200
"""Items whose facts are in memory at a time."""
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
_ALL = """
    SELECT item_id FROM desk.facts
    WHERE seq = 1 AND ($1::uuid IS NULL OR item_id > $1) ORDER BY item_id LIMIT $2
"""
_RECEIVED = """
    SELECT item_id FROM desk.items
    WHERE ($1::uuid IS NULL OR item_id > $1) AND received_on BETWEEN $3 AND $4
    ORDER BY item_id LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class FactPage:
    """The facts of some items, in the order of `seq`, and how many items could not be read."""

    items: Sequence[Sequence[Items]]
    unreadable: int


async def fact_pages(
    connection: Connection, received: tuple[date, date] | None = None, size: int = PAGE
) -> AsyncIterator[FactPage]:
    """Yields the facts of every item, or of those received on these local days (both included)."""
    last: ItemId | None = None
    question, days = (_ALL, ()) if received is None else (_RECEIVED, received)
    while rows := await connection.fetch(question, last, size, *days):
        ids = [ItemId(row["item_id"]) for row in rows]
        last = ids[-1]
        found, unreadable = await fact_history.readable(connection, ids)
        yield FactPage(list(found.values()), len(unreadable))
