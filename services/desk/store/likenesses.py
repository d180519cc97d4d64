"""Sketches of letters, by which one that came twice is found; each goes with the letter's text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.desk.domain.likeness import LEAST_ALIKE, Sketch, bands_around, bands_of, likeness
from services.desk.store.search_index import IndexedText
from shared.facts.envelope import BlobKey, Chrono, ItemId
from shared.platform.database import Connection

_UTC = ZoneInfo("UTC")
MOST = 50
"""Letters of one key that are looked at: of a petition that thousands sent, some."""


@dataclass(frozen=True, slots=True)
class LikeLetter:
    """An item whose letter is like another one, about, and the key of its letter's pli."""

    item_id: ItemId
    chrono: Chrono
    alike: float
    """0 to 1."""
    received_at: datetime
    channel: str
    pli: BlobKey


async def write(connection: Connection, texts: Sequence[IndexedText]) -> None:
    """Stores the sketches of items whose text was just indexed; an older one went with its text."""
    rows = sorted(
        (text.source.id, text.sketch, _array(bands_of(text.sketch, _day(text.source.at))))
        for text in texts
        if text.sketch is not None and text.source.kind == "item"
    )
    if rows:
        await connection.execute(
            """
            INSERT INTO desk.likenesses (id, sketch, bands)
            SELECT id, sketch, bands::bigint[]
            FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS row (id, sketch, bands)
            WHERE id IN (SELECT id FROM desk.search WHERE id = ANY($1))
            ON CONFLICT (id) DO UPDATE SET sketch = excluded.sketch, bands = excluded.bands
            """,
            *zip(*rows, strict=True),
        )


def _array(keys: Sequence[int]) -> str:
    """As PostgreSQL writes an array, since an array of them would be taken apart whole."""
    return f"{{{','.join(map(str, keys))}}}"


async def sharing_bands(connection: Connection, keys: Sequence[int]) -> Mapping[UUID, Sketch]:
    """Returns the sketches of the letters that are kept under one of these keys, by item.

    Of those of one key fifty at most.
    """
    # Key by key: asked for all at once, PostgreSQL takes them for a third of the table.
    rows = await connection.fetch(
        """
        SELECT id, sketch FROM desk.likenesses WHERE id IN (
            SELECT found.id FROM unnest($1::bigint[]) AS key
            CROSS JOIN LATERAL (
                SELECT l.id FROM desk.likenesses l WHERE l.bands @> ARRAY[key] LIMIT $2
            ) AS found)
        """,
        keys,
        MOST,
    )
    return {row["id"]: row["sketch"] for row in rows}


async def like(connection: Connection, item_id: ItemId, limit: int) -> Sequence[LikeLetter]:
    """Returns the items, at most `limit`, whose letters of these months are most like an item's.

    Those that were merged, destroyed or closed are left out, since nothing can be joined to them.
    None as long as its text is not indexed.
    """
    mine = await connection.fetchrow(
        """
        SELECT l.sketch, s.at FROM desk.likenesses l JOIN desk.search s USING (id)
        WHERE l.id = $1
        """,
        item_id,
    )
    if mine is None:
        return ()
    keys = bands_around(mine["sketch"], _day(mine["at"]))
    sketches = await sharing_bands(connection, keys)
    rows = await connection.fetch(
        """
        SELECT i.item_id, i.chrono, i.received_at, i.channel, a.pli
        FROM desk.items i
        JOIN desk.arrivals a ON a.item_id = i.item_id AND a.word = 'item' AND a.pli IS NOT NULL
        WHERE i.item_id = ANY($1::uuid[]) AND i.item_id <> $2
          AND i.state NOT IN ('merged', 'destroyed', 'closed')
        """,
        list(sketches),
        item_id,
    )
    found = [
        LikeLetter(
            ItemId(row["item_id"]),
            Chrono(row["chrono"]),
            likeness(mine["sketch"], sketches[row["item_id"]]),
            row["received_at"],
            row["channel"],
            BlobKey(row["pli"]),
        )
        for row in rows
    ]
    best = sorted(found, key=lambda letter: letter.alike, reverse=True)
    return [letter for letter in best if letter.alike >= LEAST_ALIKE][:limit]


def _day(moment: datetime) -> date:
    return moment.astimezone(_UTC).date()
