"""Whose the blobs are that came in, as the verification and the proof ask it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Unnamed:
    """An arrival with stored bytes that no fact of an item names."""

    arrival_id: UUID
    chrono: Chrono | None
    keys: Sequence[str]
    recorded_at: datetime


async def unnamed_originals(connection: Connection, after: UUID | None) -> Sequence[Unnamed]:
    """Returns a page of arrivals whose stored bytes no fact names, by id.

    Copies, history, set aside, quarantine, bounces and departures that were not erased.
    """
    rows = await connection.fetch(
        """
        SELECT a.arrival_id, i.chrono, a.original, a.pli, a.recorded_at
        FROM desk.arrivals a LEFT JOIN desk.items i ON i.item_id = a.item_id
        WHERE a.word IN ('copy', 'history', 'set_aside', 'quarantine', 'bounce', 'departure')
          AND a.erased_at IS NULL AND ($1::uuid IS NULL OR a.arrival_id > $1)
        ORDER BY a.arrival_id LIMIT $2
        """,
        after,
        _PAGE,
    )
    return [
        Unnamed(
            row["arrival_id"],
            row["chrono"],
            [key for key in (row["original"], row["pli"]) if key is not None],
            row["recorded_at"],
        )
        for row in rows
    ]


async def is_erased(connection: Connection, arrival_id: UUID) -> bool:
    """Returns whether an arrival's content was deleted or is scheduled to be."""
    return bool(
        await connection.fetchval(
            "SELECT erased_at IS NOT NULL FROM desk.arrivals WHERE arrival_id = $1", arrival_id
        )
    )


async def payloads(connection: Connection, item_id: ItemId) -> Sequence[str]:
    """Returns the facts of an item, each as a JSON text, by `seq`."""
    rows = await connection.fetch(
        "SELECT payload FROM desk.facts WHERE item_id = $1 ORDER BY seq", item_id
    )
    return [row["payload"] for row in rows]


async def merged_into(connection: Connection, item_id: ItemId) -> ItemId | None:
    """Returns the item into which this one was merged, or `None`."""
    found = await connection.fetchval(
        "SELECT merged_into FROM desk.items WHERE item_id = $1", item_id
    )
    return None if found is None else ItemId(found)
