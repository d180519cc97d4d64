"""Sketches of letters, by which one that came twice is found; each goes with the letter's text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.desk.domain.likeness import LEAST_ALIKE, bands_around, bands_of, likeness
from services.desk.store.search_index import IndexedText
from shared.facts.envelope import BlobKey, Chrono, ItemId
from shared.platform.database import Connection

_UTC = ZoneInfo("UTC")
_MOST = 500
"""Letters of one text that are looked at: of a petition that thousands sent, the newest."""


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
        (text.source.id, text.sketch, bands_of(text.sketch, _day(text.source.at)))
        for text in texts
        if text.sketch is not None and text.source.kind == "item"
    )
    # One by one in their order: an array of arrays wants arrays of one length.
    await connection.executemany(
        """
        INSERT INTO desk.likenesses (id, sketch, bands)
        SELECT id, $2, $3 FROM desk.search WHERE id = $1
        ON CONFLICT (id) DO UPDATE SET sketch = excluded.sketch, bands = excluded.bands
        """,
        rows,
    )


async def like(connection: Connection, item_id: ItemId, limit: int) -> Sequence[LikeLetter]:
    """Returns the items whose letter is most like an item's, of the months around it.

    Those that were merged or destroyed are left out. None as long as its text is not indexed.
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
    rows = await connection.fetch(
        """
        SELECT l.id, l.sketch, i.chrono, i.received_at, i.channel, a.pli
        FROM desk.likenesses l
        JOIN desk.items i ON i.item_id = l.id AND i.state NOT IN ('merged', 'destroyed')
        JOIN desk.arrivals a ON a.item_id = l.id AND a.word = 'item' AND a.pli IS NOT NULL
        WHERE l.bands && $1::bigint[] AND l.id <> $2
        ORDER BY i.registered_at DESC LIMIT $3
        """,
        bands_around(mine["sketch"], _day(mine["at"])),
        item_id,
        _MOST,
    )
    found = [
        LikeLetter(
            ItemId(row["id"]),
            Chrono(row["chrono"]),
            likeness(mine["sketch"], row["sketch"]),
            row["received_at"],
            row["channel"],
            BlobKey(row["pli"]),
        )
        for row in rows
    ]
    best = sorted(found, key=lambda one: one.alike, reverse=True)
    return [one for one in best if one.alike >= LEAST_ALIKE][:limit]


def _day(moment: datetime) -> date:
    return moment.astimezone(_UTC).date()
