"""Scanned letters that came together and still want their day of receipt: it is asked once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.domain.item import ItemStatus
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection

MOST = 2000
"""Letters that are looked at, those that wait longest; the others wait until these have a day."""


@dataclass(frozen=True, slots=True)
class UndatedLetter:
    """A letter of a batch whose day of receipt nobody has confirmed."""

    item_id: ItemId
    chrono: Chrono
    received_at: datetime
    to_qualify: bool


@dataclass(frozen=True, slots=True)
class ReceiptBatch:
    """A batch of scanned letters without a day: a file of several, or the files of one day."""

    batch: str
    """The hash of a file, or a folder and a day: as ingest names it."""
    source: str
    letters: Sequence[UndatedLetter]


async def undated_batches(connection: Connection, batch: str | None = None) -> list[ReceiptBatch]:
    """Returns the batches of two letters or more that wait for their day, oldest first.

    `batch`: that one alone, with however few letters.
    """
    rows = await connection.fetch(
        """
        SELECT one.* FROM (
            SELECT a.told::jsonb #>> '{scan,batch}' AS batch, a.source, i.item_id, i.chrono,
                   i.received_at, i.state, w.since
            FROM desk.waits w JOIN desk.items i ON i.item_id = w.id
            JOIN desk.arrivals a ON a.item_id = i.item_id AND a.word = 'item'
            WHERE w.waiting = 'receipt_to_confirm' AND i.state <> 'merged'
        ) AS one
        WHERE one.batch IS NOT NULL AND ($1::text IS NULL OR one.batch = $1)
        ORDER BY one.since, one.chrono LIMIT $2
        """,
        batch,
        MOST,
    )
    found = dict[tuple[str, str], list[UndatedLetter]]()
    for row in rows:
        found.setdefault((row["batch"], row["source"]), []).append(
            UndatedLetter(
                ItemId(row["item_id"]),
                Chrono(row["chrono"]),
                row["received_at"],
                row["state"] == ItemStatus.TO_QUALIFY,
            )
        )
    least = 1 if batch is not None else 2
    return [ReceiptBatch(*of, them) for of, them in found.items() if len(them) >= least]


async def count_undated(connection: Connection, chronos: Collection[str]) -> int:
    """Counts which of these letters still want a day of receipt; an unknown number wants none."""
    return (
        await connection.fetchval(
            """
            SELECT count(*)::int FROM desk.items i
            JOIN desk.waits w ON w.id = i.item_id AND w.waiting = 'receipt_to_confirm'
            WHERE i.chrono = ANY ($1::text[]) AND i.state <> 'merged'
            """,
            [chrono.replace("\0", "") for chrono in chronos],
        )
        or 0
    )


async def undated_beside(connection: Connection, item_id: ItemId) -> int:
    """Counts the other letters of an item's batch that want a day of receipt as well."""
    return (
        await connection.fetchval(
            """
            SELECT count(*)::int
            FROM desk.arrivals mine
            JOIN desk.waits w ON w.waiting = 'receipt_to_confirm' AND w.id <> mine.item_id
            JOIN desk.items i ON i.item_id = w.id AND i.state <> 'merged'
            JOIN desk.arrivals a ON a.item_id = w.id AND a.word = 'item'
            WHERE mine.item_id = $1 AND mine.word = 'item' AND a.source = mine.source
              AND a.told::jsonb #>> '{scan,batch}' = mine.told::jsonb #>> '{scan,batch}'
            """,
            item_id,
        )
        or 0
    )
