"""Schema `sla`: facts, items and running clocks, each question with its SQL.

Every function works inside the caller's transaction; moments are parameters. Locks are taken in one
order everywhere: the gate of readings, then items by id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime

from pydantic import ValidationError

from services.sla import item_format
from services.sla.domain.announce import SourcesRead
from services.sla.domain.rules import ClockRules
from services.sla.domain.standing import Standing
from services.sla.item_format import SHAPE, ItemRow, StoredItem, UnreadableItem
from shared.facts.clocks import CLOCKS, Clocks, RungsTold
from shared.facts.envelope import EventId, ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.items.base import ItemFact
from shared.platform.database import Connection

_READINGS = 0x72656164  # "read": who plans shares it, who notes a reading has it alone


SHARE_READINGS = "SELECT pg_advisory_xact_lock_shared($1)"
READ = "SELECT source, read_until FROM sla.sources"


async def sources_read(connection: Connection) -> SourcesRead:
    """Returns the moment up to which each source was read; locks out new readings meanwhile."""
    await connection.execute(SHARE_READINGS, _READINGS)
    return {row["source"]: row["read_until"] for row in await connection.fetch(READ)}


OWN_READINGS = "SELECT pg_advisory_xact_lock($1)"
NOTE = """
    INSERT INTO sla.sources AS kept (source, read_until)
    SELECT source, max(read_until)
    FROM unnest($1::text[], $2::timestamptz[]) AS told (source, read_until)
    GROUP BY source
    ON CONFLICT (source) DO UPDATE SET read_until = excluded.read_until
        WHERE excluded.read_until > kept.read_until
    RETURNING source
"""
WAKE_READERS = """
    UPDATE sla.items SET wake_at = least(wake_at, $3)
    WHERE item_id IN (
        SELECT item_id FROM sla.items
        JOIN unnest($1::text[], $2::timestamptz[]) AS done (service, read_until) USING (service)
        WHERE unread_since <= done.read_until
        ORDER BY item_id
        FOR UPDATE OF items
    )
"""


async def note_readings(
    connection: Connection, until: Mapping[str, datetime], rules: ClockRules, now: datetime
) -> AbstractSet[str]:
    """Stores how far sources were read, and wakes the items whose reminders waited for that.

    Returns the sources that were read further than before.
    """
    await connection.execute(OWN_READINGS, _READINGS)
    news = await connection.fetch(NOTE, list(until), list(until.values()))
    read = {row["source"]: row["read_until"] for row in await connection.fetch(READ)}
    done = {
        service: min(read[source] for source in rules.sources(service))
        for service in rules.applied.site.service
        if set(rules.sources(service)) & set(until) and set(rules.sources(service)) <= set(read)
    }
    await connection.execute(WAKE_READERS, list(done), list(done.values()), now)
    return {row["source"] for row in news}


NEW_ROWS = """
    INSERT INTO sla.items (item_id, standing, shape)
    SELECT item_id, standing, $3
    FROM unnest($1::uuid[], $2::text[]) AS fresh (item_id, standing)
    ORDER BY item_id
    ON CONFLICT DO NOTHING
"""
LOCK = """
    SELECT * FROM sla.items WHERE item_id = ANY($1::uuid[]) ORDER BY item_id FOR UPDATE
"""


Row = StoredItem | UnreadableItem


async def lock(connection: Connection, ids: Iterable[ItemId]) -> Mapping[ItemId, Row]:
    """Locks the rows of these items in table `sla.items`, and inserts missing ones."""
    ordered = sorted(set(ids))
    fresh = [item_format.write_standing(Standing(item_id)) for item_id in ordered]
    await connection.execute(NEW_ROWS, ordered, fresh, SHAPE)
    return {row.item_id: row for row in await _rows(connection, LOCK, ordered)}


LOOK = "SELECT * FROM sla.items WHERE item_id = $1"


async def look(connection: Connection, item_id: ItemId) -> Row:
    """Reads an item's stored clock state from table `sla.items`, without a lock."""
    [row] = await _rows(connection, LOOK, item_id)
    return row


CLAIM_DUE = """
    SELECT * FROM sla.items WHERE wake_at <= $1
    ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_due(connection: Connection, now: datetime, limit: int) -> Sequence[Row]:
    """Claims at most `limit` items whose wake-up time has come, earliest first; no locked ones."""
    return await _rows(connection, CLAIM_DUE, now, limit)


CLAIM_OUTDATED = """
    SELECT * FROM sla.items WHERE open AND edition < $1 AND awaits = 0
    ORDER BY edition LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_outdated(connection: Connection, edition: int, limit: int) -> Sequence[Row]:
    """Claims at most `limit` open items planned before `edition`; none locked or being rebuilt."""
    return await _rows(connection, CLAIM_OUTDATED, edition, limit)


CLAIM_AHEAD = """
    SELECT * FROM sla.items WHERE stepped_at > $1
    ORDER BY stepped_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
STEPPED = "UPDATE sla.items SET stepped_at = $2 WHERE item_id = ANY($1::uuid[])"


async def claim_ahead(connection: Connection, moment: datetime, limit: int) -> Sequence[Row]:
    """Claims at most `limit` items updated after `moment`, as by a wrong clock; no locked ones."""
    return await _rows(connection, CLAIM_AHEAD, moment, limit)


async def stepped(connection: Connection, items: Sequence[ItemId], now: datetime) -> None:
    """Stores the moment at which the clocks of these items were last updated or tried."""
    await connection.execute(STEPPED, items, now)


SLEEP = """
    UPDATE sla.items SET wake_at = NULL, unread_since = NULL, edition = $2, stepped_at = $3
    WHERE item_id = ANY($1::uuid[])
"""


async def sleep(
    connection: Connection, items: Sequence[ItemId], edition: int, now: datetime
) -> None:
    """Clears the wake-up time of locked items: only a fact, new rules or a person wake them."""
    await connection.execute(SLEEP, items, edition, now)


COUNT_OUTDATED = "SELECT count(*) FROM sla.items WHERE open AND edition < $1 AND awaits = 0"


async def count_outdated(connection: Connection, edition: int) -> int:
    """Counts the open items that are still planned under older rules."""
    return int(await connection.fetchval(COUNT_OUTDATED, edition))


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


FORGET = "DELETE FROM sla.facts WHERE event_id = ANY($1::uuid[])"


async def forget(connection: Connection, facts: Sequence[ItemFact]) -> None:
    """Deletes stored facts that can't be planned with; their dead letters keep them."""
    await connection.execute(FORGET, [fact.event_id for fact in facts])


FACTS_OF = "SELECT item_id, payload FROM sla.facts WHERE item_id = ANY($1::uuid[]) ORDER BY seq"
History = Sequence[Items]


async def facts_of(
    connection: Connection, ids: Iterable[ItemId]
) -> tuple[Mapping[ItemId, History], Mapping[ItemId, Exception]]:
    """Reads all stored facts of these items by `seq`; items with an unreadable fact apart."""
    found: dict[ItemId, list[Items]] = {item_id: [] for item_id in ids}
    unreadable: dict[ItemId, Exception] = {}
    for row in await connection.fetch(FACTS_OF, list(found)):
        item_id = ItemId(row["item_id"])
        try:
            found[item_id].append(ITEMS.validate_json(row["payload"]))
        except ValidationError as error:
            unreadable[item_id] = error
    return {one: facts for one, facts in found.items() if one not in unreadable}, unreadable


TOLD_OF = "SELECT payload FROM sla.outbox WHERE topic = 'clocks' AND key = $1 ORDER BY id"


async def told_of(connection: Connection, item_id: ItemId) -> Sequence[Clocks]:
    """Reads the clock facts told of an item, as far as the outbox still has readable ones."""
    told = list[Clocks]()
    for row in await connection.fetch(TOLD_OF, str(item_id)):
        with suppress(ValidationError):
            fact = CLOCKS.validate_json(row["payload"])
            if not isinstance(fact, RungsTold):
                told.append(fact)
    return told


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
    await connection.execute(
        SAVE,
        [item.item_id for item in kept],
        [subject.chrono if subject else None for subject in subjects],
        [subject.service if subject else None for subject in subjects],
        [
            item_format.write_plan(item.item.plan)
            if item.item.plan and item.item_id in planned
            else None
            for item in kept
        ],
        [item_format.write_standing(item.item.standing) for item in kept],
        [item.item.wake_at for item in kept],
        [item.item.unread_since for item in kept],
        [item.item.open for item in kept],
        [item.edition for item in kept],
        [item.awaits for item in kept],
        now,
        SHAPE,
    )


async def _rows(connection: Connection, question: str, *values: object) -> Sequence[Row]:
    rows = await connection.fetch(question, *values)
    return [
        item_format.read(
            ItemRow(
                item_id=ItemId(row["item_id"]),
                shape=row["shape"],
                plan=row["plan"],
                standing=row["standing"],
                wake_at=row["wake_at"],
                unread_since=row["unread_since"],
                open=row["open"],
                edition=row["edition"],
                awaits=row["awaits"],
                stepped_at=row["stepped_at"],
            )
        )
        for row in rows
    ]
