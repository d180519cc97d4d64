"""Schema `sla`: facts, items and running clocks, each question with its SQL.

Every function works inside the caller's transaction; moments are parameters. Locks are taken in one
order everywhere: the gate of readings, then items by id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import itemgetter

from pydantic import ValidationError

from services.sla import item_format
from services.sla.domain.advance import ItemState
from services.sla.domain.announce import SourcesRead
from services.sla.domain.standing import ClockStanding, Standing
from services.sla.item_format import SHAPE, ItemRow, StoredItem, UnreadableItem
from shared.facts.envelope import EventId, ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection

READINGS = 0x72656164  # "read": who plans shares it, who notes a reading has it alone
SHARE_READINGS = "SELECT pg_advisory_xact_lock_shared($1)"
READ = "SELECT source, read_until FROM sla.sources"


async def sources_read(connection: Connection) -> SourcesRead:
    """Returns until when each source was read; no other transaction notes more meanwhile."""
    await connection.execute(SHARE_READINGS, READINGS)
    return {row["source"]: row["read_until"] for row in await connection.fetch(READ)}


NEW_ROWS = """
    INSERT INTO sla.items (item_id, standing, shape)
    SELECT item_id, standing, $3
    FROM unnest($1::uuid[], $2::text[]) AS fresh (item_id, standing)
    ORDER BY item_id
    ON CONFLICT DO NOTHING
    RETURNING item_id
"""
LOCK = """
    SELECT * FROM sla.items WHERE item_id = ANY($1::uuid[]) ORDER BY item_id FOR UPDATE
"""

Row = StoredItem | UnreadableItem
_columns = itemgetter(*(column.name for column in fields(ItemRow)))


async def lock(connection: Connection, ids: Iterable[ItemId]) -> Mapping[ItemId, Row]:
    """Locks the rows of these items in table `sla.items`, by id, and inserts missing ones."""
    writer, nothing = item_format.StateWriter(), dict[ClockName, ClockStanding]()
    fresh = {item_id: Standing(item_id, 0, nothing) for item_id in dict.fromkeys(ids)}
    texts = [writer.standing(standing) for standing in fresh.values()]
    rows = await connection.fetch(NEW_ROWS, list(fresh), texts, SHAPE)
    made = {row["item_id"] for row in rows}
    others = [item_id for item_id in fresh if item_id not in made]
    found = await rows_of(connection, LOCK, others) if others else ()
    known = {row.item_id: row for row in found}
    return {
        item_id: StoredItem(ItemState(standing), edition=0, fresh=True)
        if item_id in made
        else known[item_id]
        for item_id, standing in fresh.items()
    }


CLAIM_DUE = """
    SELECT * FROM sla.items WHERE wake_at <= $1
    ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_due(connection: Connection, now: datetime, limit: int) -> Sequence[Row]:
    """Claims at most `limit` items whose wake-up time has come, earliest first; no locked ones."""
    return await rows_of(connection, CLAIM_DUE, now, limit)


KEEP_NEW = """
    INSERT INTO sla.facts (event_id, item_id, seq, payload)
    SELECT event_id, item_id, seq, payload
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[])
         AS told (event_id, item_id, seq, payload)
    ON CONFLICT DO NOTHING
    RETURNING event_id
"""


async def keep_new(connection: Connection, facts: Sequence[ItemFact]) -> set[EventId]:
    """Stores the facts that were not known (deduplication); returns their ids."""
    once = {fact.event_id: fact for fact in facts}.values()
    rows = await connection.fetch(
        KEEP_NEW,
        [fact.event_id for fact in once],
        [fact.item_id for fact in once],
        [fact.seq for fact in once],
        [fact.model_dump_json() for fact in once],
    )
    return {EventId(row["event_id"]) for row in rows}


FACTS_OF = "SELECT item_id, payload FROM sla.facts WHERE item_id = ANY($1::uuid[]) ORDER BY seq"
ItemFacts = Sequence[Items]


async def facts_of(
    connection: Connection, ids: Iterable[ItemId]
) -> tuple[Mapping[ItemId, ItemFacts], Mapping[ItemId, Exception]]:
    """Reads all stored facts of these items by `seq`; errors of unreadable items come apart."""
    found: dict[ItemId, list[Items]] = {item_id: [] for item_id in ids}
    unreadable: dict[ItemId, Exception] = {}
    for row in await connection.fetch(FACTS_OF, list(found)) if found else ():
        item_id = ItemId(row["item_id"])
        try:
            found[item_id].append(ITEMS.validate_json(row["payload"]))
        except ValidationError as error:
            unreadable[item_id] = error
    return {one: facts for one, facts in found.items() if one not in unreadable}, unreadable


SAVE = """
    UPDATE sla.items AS kept
    SET chrono = new.chrono, service = new.service, plan = coalesce(new.plan, kept.plan),
        standing = new.standing, wake_at = new.wake_at, unread_since = new.unread_since,
        open = new.open, edition = new.edition, awaits = new.awaits, stepped_at = $11,
        shape = $12
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                $7::timestamptz[], $8::boolean[], $9::integer[], $10::integer[])
         AS new (item_id, chrono, service, plan, standing, wake_at, unread_since, open, edition,
                 awaits)
    WHERE kept.item_id = new.item_id
"""


async def save(
    connection: Connection, kept: Sequence[StoredItem], planned: Collection[ItemId], now: datetime
) -> None:
    """Saves the timing state of locked items; plans only of those that were `planned` again.

    A row of an older shape has no plan when it is read, so that it is always planned anew.
    """
    subjects = [item.item.plan.subject if item.item.plan else None for item in kept]
    writer = item_format.StateWriter()
    await connection.execute(
        SAVE,
        [item.item_id for item in kept],
        [subject.chrono if subject else None for subject in subjects],
        [subject.service if subject else None for subject in subjects],
        [
            writer.plan(item.item.plan) if item.item.plan and item.item_id in planned else None
            for item in kept
        ],
        [writer.standing(item.item.standing) for item in kept],
        [item.item.wake_at for item in kept],
        [item.item.unread_since for item in kept],
        [item.item.open for item in kept],
        [item.edition for item in kept],
        [item.awaits for item in kept],
        now,
        SHAPE,
    )


async def rows_of(connection: Connection, question: str, *values: object) -> Sequence[Row]:
    """Reads rows of table `sla.items` by an SQL query; an unreadable one is an UnreadableItem."""
    rows = await connection.fetch(question, *values)
    return [item_format.read(ItemRow(*_columns(row))) for row in rows]
