"""What the register has stated already of its items: read back, never changed."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

import asyncpg

from shared.facts.envelope import Digest, EventId, ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.items.replies import ReplyObserved
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow

TABLE: Final = "desk.facts"


async def of_items(
    connection: Connection, item_ids: Iterable[ItemId]
) -> Mapping[ItemId, Sequence[Items]]:
    """Reads every fact of these items, in the order of `seq`. Raises UnreadableRow."""
    found, unreadable = await readable(connection, item_ids)
    for error in unreadable.values():
        raise error
    return found


async def readable(
    connection: Connection, item_ids: Iterable[ItemId]
) -> tuple[Mapping[ItemId, Sequence[Items]], Mapping[ItemId, UnreadableRow]]:
    """Reads every fact of these items; returns items with an unreadable fact apart, as errors."""
    stored = await connection.fetch(
        """
        SELECT item_id, seq, payload FROM desk.facts
        WHERE item_id = ANY($1::uuid[]) ORDER BY item_id, seq
        """,
        list(item_ids),
    )
    found, unreadable = dict[ItemId, Sequence[Items]](), dict[ItemId, UnreadableRow]()
    for item_id, of_item in groupby(stored, itemgetter("item_id")):
        try:
            found[ItemId(item_id)] = [_read(row) for row in of_item]
        except UnreadableRow as error:
            unreadable[ItemId(item_id)] = error
    return found, unreadable


def _read(row: asyncpg.Record) -> Items:
    return rows.read(TABLE, key_of(row), partial(fact_of, row))


def key_of(row: asyncpg.Record) -> str:
    """Returns what names a row of `desk.facts` where it can't be read: item id and `seq`."""
    return f"{row['item_id']}/{row['seq']}"


def fact_of(row: asyncpg.Record) -> Items:
    """Parses the fact of a row of `desk.facts`. Raises ValueError."""
    return ITEMS.validate_json(row["payload"])


async def authors(connection: Connection, events: Iterable[EventId]) -> Mapping[EventId, str]:
    """Returns the author (`by`) of each of these facts, by event id."""
    rows = await connection.fetch(
        "SELECT event_id, by FROM desk.facts WHERE event_id = ANY($1::uuid[])", list(events)
    )
    return {EventId(row["event_id"]): row["by"] for row in rows}


async def observed_replies(
    connection: Connection, item_ids: Iterable[ItemId]
) -> AbstractSet[tuple[ItemId, UUID | Digest]]:
    """Returns for which messages in Sent folders `ReplyObserved` is stated: pairs with the item.

    Each by its arrival's id and by its Message-ID's digest. Raises UnreadableRow.
    """
    stored = await connection.fetch(
        """
        SELECT item_id, seq, payload FROM desk.facts
        WHERE item_id = ANY($1::uuid[]) AND type = 'ReplyObserved'
        """,
        list(item_ids),
    )
    return {
        (fact.item_id, name)
        for fact in map(_read, stored)
        if isinstance(fact, ReplyObserved)
        for name in (fact.arrival_id, fact.message)
        if name is not None
    }


async def last_seq(connection: Connection, item_ids: Sequence[ItemId]) -> Mapping[ItemId, int]:
    """Returns the number of facts of each item; an item without facts is absent."""
    stored = await connection.fetch(
        """
        SELECT item_id, max(seq) AS seq FROM desk.facts
        WHERE item_id = ANY($1::uuid[]) GROUP BY item_id
        """,
        item_ids,
    )
    return {ItemId(row["item_id"]): row["seq"] for row in stored}
