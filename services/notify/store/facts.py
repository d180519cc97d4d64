"""The facts from which notices follow, and the row under which each item is decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from shared.facts.envelope import Chrono, ItemId
from shared.facts.items import ITEMS, Items
from shared.platform.database import Connection


async def lock(connection: Connection, item_ids: Iterable[ItemId]) -> None:
    """Locks the rows of these items in `notify.items` in the order of ids; inserts missing ones."""
    ids = sorted(set(item_ids))
    await connection.execute(
        """
        INSERT INTO notify.items (item_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING
        """,
        ids,
    )
    await connection.execute(
        "SELECT 1 FROM notify.items WHERE item_id = ANY($1::uuid[]) ORDER BY item_id FOR UPDATE",
        ids,
    )


async def keep_new(connection: Connection, facts: Sequence[Items]) -> Sequence[Items]:
    """Stores the facts that were never stored (deduplication), and returns them."""
    rows = await connection.fetch(
        """
        INSERT INTO notify.facts (event_id, item_id, seq, fact)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::jsonb[])
        ON CONFLICT DO NOTHING
        RETURNING event_id
        """,
        [fact.event_id for fact in facts],
        [fact.item_id for fact in facts],
        [fact.seq for fact in facts],
        [fact.model_dump(mode="json") for fact in facts],
    )
    new = {row["event_id"] for row in rows}
    return [
        fact for fact in {fact.event_id: fact for fact in facts}.values() if fact.event_id in new
    ]


FactsByItem = Mapping[ItemId, Sequence[Items]]
ReadFacts = tuple[FactsByItem, Mapping[ItemId, ValidationError]]
"""The facts of items, and apart the items of which one can't be read."""


async def of(connection: Connection, item_ids: Iterable[ItemId]) -> FactsByItem:
    """Reads all stored facts of these items; an item with an unreadable fact is left out."""
    return (await read(connection, item_ids))[0]


async def item(connection: Connection, item_id: ItemId | None) -> NotifiedItem | None:
    """Reads an item's state, computed from its stored facts; `None`: unknown or unreadable."""
    if item_id is None:
        return None
    return fold((await of(connection, [item_id])).get(item_id, ()))


async def read(connection: Connection, item_ids: Iterable[ItemId]) -> ReadFacts:
    """Reads all stored facts of these items; items with an unreadable fact are returned apart."""
    rows = await connection.fetch(
        "SELECT item_id, fact FROM notify.facts WHERE item_id = ANY($1::uuid[])", list(item_ids)
    )
    facts: dict[ItemId, list[Items]] = defaultdict(list)
    unreadable: dict[ItemId, ValidationError] = {}
    for row in rows:
        item_id = ItemId(row["item_id"])
        try:
            facts[item_id].append(ITEMS.validate_python(row["fact"], strict=False))
        except ValidationError as error:
            unreadable[item_id] = error
    for item_id in unreadable:
        facts.pop(item_id, None)
    return facts, unreadable


async def save(
    connection: Connection, rows: Sequence[tuple[ItemId, Chrono, datetime | None, bool, bool]]
) -> None:
    """Saves of locked items chrono, wake-up time, and if a letter came back or is to be signed."""
    await connection.execute(
        """
        UPDATE notify.items AS item
        SET chrono = new.chrono, wake_at = new.wake_at, returned = new.returned,
            signing = new.signing
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[], $5::boolean[])
            AS new (item_id, chrono, wake_at, returned, signing)
        WHERE item.item_id = new.item_id
        """,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[4] for row in rows],
    )


async def awake(connection: Connection, now: datetime, limit: int) -> Sequence[ItemId]:
    """Claims at most `limit` items whose wake-up time has come, with SKIP LOCKED."""
    rows = await connection.fetch(
        """
        SELECT item_id FROM notify.items WHERE wake_at <= $1
        ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
        """,
        now,
        limit,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def returned_letters(connection: Connection) -> Sequence[ItemId]:
    """Lists the items with a letter that the post returned and that nobody has dealt with."""
    rows = await connection.fetch("SELECT item_id FROM notify.items WHERE returned")
    return [ItemId(row["item_id"]) for row in rows]


async def in_signature(connection: Connection) -> Sequence[ItemId]:
    """Lists the items whose letter lies with somebody to be read or signed."""
    rows = await connection.fetch("SELECT item_id FROM notify.items WHERE signing")
    return [ItemId(row["item_id"]) for row in rows]


async def chronos(connection: Connection, items: Sequence[ItemId]) -> Mapping[ItemId, Chrono]:
    """Returns the chronos of these items by id, as far as notify knows them."""
    rows = await connection.fetch(
        """
        SELECT item_id, chrono FROM notify.items
        WHERE item_id = ANY($1::uuid[]) AND chrono IS NOT NULL
        """,
        items,
    )
    return {ItemId(row["item_id"]): Chrono(row["chrono"]) for row in rows}


async def with_chrono(connection: Connection, chrono: str) -> ItemId | None:
    """Returns the item with this chrono; `None`: notify has no such item."""
    found = await connection.fetchval("SELECT item_id FROM notify.items WHERE chrono = $1", chrono)
    return None if found is None else ItemId(found)
