"""Schema `sla`: facts, items and running clocks, each question with its SQL.

Every function works inside the caller's transaction; moments are parameters. Locks are taken in one
order everywhere: the gate of readings, then items by id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from services.sla.domain.advance import Item
from services.sla.domain.announce import SourcesRead, stopped
from services.sla.domain.plan import Plan
from services.sla.domain.rules import Rules
from services.sla.domain.standing import Standing
from shared.database import Connection
from shared.facts.envelope import EventId, ItemId
from shared.facts.item import ItemFact
from shared.facts.items import ITEMS, Items

PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
STANDING: TypeAdapter[Standing] = TypeAdapter(Standing)

_READINGS = 0x72656164  # "read": who plans shares it, who notes a reading has it alone


@dataclass(frozen=True)
class Kept:
    """An item as its row keeps it."""

    item: Item
    edition: int
    awaits: int = 0
    """Facts that were known before a rebuild: until as many are known again nothing is told."""


SHARE_READINGS = "SELECT pg_advisory_xact_lock_shared($1)"
READ = "SELECT source, read_until FROM sla.sources"


async def sources_read(connection: Connection) -> SourcesRead:
    """How far each source was read; no reading is noted until the transaction ends."""
    await connection.execute(SHARE_READINGS, _READINGS)
    return {row["source"]: row["read_until"] for row in await connection.fetch(READ)}


OWN_READINGS = "SELECT pg_advisory_xact_lock($1)"
NOTE = """
    INSERT INTO sla.sources AS kept (source, read_until)
    SELECT source, max(read_until)
    FROM unnest($1::text[], $2::timestamptz[]) AS told (source, read_until)
    GROUP BY source
    ON CONFLICT (source) DO UPDATE SET read_until = greatest(kept.read_until, excluded.read_until)
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
    connection: Connection, until: Mapping[str, datetime], rules: Rules, now: datetime
) -> None:
    """Notes how far sources were read, and wakes the items whose rung waited for all of them."""
    await connection.execute(OWN_READINGS, _READINGS)
    await connection.execute(NOTE, list(until), list(until.values()))
    read = {row["source"]: row["read_until"] for row in await connection.fetch(READ)}
    done = {
        service: min(read[source] for source in rules.sources(service))
        for service in rules.applied.site.service
        if set(rules.sources(service)) & set(until) and set(rules.sources(service)) <= set(read)
    }
    await connection.execute(WAKE_READERS, list(done), list(done.values()), now)


NEW_ROWS = """
    INSERT INTO sla.items (item_id, standing)
    SELECT item_id, standing
    FROM unnest($1::uuid[], $2::text[]) AS fresh (item_id, standing)
    ORDER BY item_id
    ON CONFLICT DO NOTHING
"""
LOCK = """
    SELECT item_id, plan, standing, wake_at, unread_since, open, edition, awaits
    FROM sla.items WHERE item_id = ANY($1::uuid[]) ORDER BY item_id FOR UPDATE
"""


async def lock(connection: Connection, ids: Iterable[ItemId]) -> Mapping[ItemId, Kept]:
    """The rows of these items, made where they lack, locked until the transaction ends."""
    ordered = sorted(set(ids))
    fresh = [STANDING.dump_json(Standing(item_id)).decode() for item_id in ordered]
    await connection.execute(NEW_ROWS, ordered, fresh)
    return {ItemId(row["item_id"]): _kept(row) for row in await connection.fetch(LOCK, ordered)}


CLAIM_DUE = """
    SELECT item_id, plan, standing, wake_at, unread_since, open, edition, awaits
    FROM sla.items WHERE wake_at <= $1
    ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_due(connection: Connection, now: datetime, limit: int) -> Sequence[Kept]:
    """The items that asked to wake up by now, the earliest first; what is locked is skipped."""
    return [_kept(row) for row in await connection.fetch(CLAIM_DUE, now, limit)]


CLAIM_OUTDATED = """
    SELECT item_id, plan, standing, wake_at, unread_since, open, edition, awaits
    FROM sla.items WHERE open AND edition < $1 AND awaits = 0
    ORDER BY edition LIMIT $2 FOR UPDATE SKIP LOCKED
"""


async def claim_outdated(connection: Connection, edition: int, limit: int) -> Sequence[Kept]:
    """Open items that were planned under older rules."""
    return [_kept(row) for row in await connection.fetch(CLAIM_OUTDATED, edition, limit)]


CLAIM_AHEAD = """
    SELECT item_id, plan, standing, wake_at, unread_since, open, edition, awaits
    FROM sla.items WHERE stepped_at > $1
    ORDER BY stepped_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
STEPPED = "UPDATE sla.items SET stepped_at = $2 WHERE item_id = ANY($1::uuid[])"


async def claim_ahead(connection: Connection, moment: datetime, limit: int) -> Sequence[Kept]:
    """Items that were stepped at a later moment than this one."""
    return [_kept(row) for row in await connection.fetch(CLAIM_AHEAD, moment, limit)]


async def stepped(connection: Connection, items: Sequence[ItemId], now: datetime) -> None:
    """Notes that these items were stepped, whatever came of it."""
    await connection.execute(STEPPED, items, now)


COUNT_OUTDATED = "SELECT count(*) FROM sla.items WHERE open AND edition < $1 AND awaits = 0"


async def count_outdated(connection: Connection, edition: int) -> int:
    """How many of them are left."""
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
    """Keeps the facts that were not known, and says which; the items are locked already."""
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
    """Facts that can't be planned with leave again: their dead letters keep them."""
    await connection.execute(FORGET, [fact.event_id for fact in facts])


FACTS_OF = "SELECT item_id, payload FROM sla.facts WHERE item_id = ANY($1::uuid[]) ORDER BY seq"


async def facts_of(
    connection: Connection, ids: Iterable[ItemId]
) -> Mapping[ItemId, Sequence[Items]]:
    """All facts known of these items, by `seq`."""
    found: dict[ItemId, list[Items]] = {item_id: [] for item_id in ids}
    for row in await connection.fetch(FACTS_OF, list(found)):
        found[ItemId(row["item_id"])].append(ITEMS.validate_json(row["payload"]))
    return found


SAVE = """
    UPDATE sla.items AS kept
    SET chrono = new.chrono, service = new.service, plan = coalesce(new.plan, kept.plan),
        standing = new.standing, wake_at = new.wake_at, unread_since = new.unread_since,
        open = new.open, edition = new.edition, awaits = new.awaits, stepped_at = $11
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                $7::timestamptz[], $8::boolean[], $9::integer[], $10::integer[])
         AS new (item_id, chrono, service, plan, standing, wake_at, unread_since, open, edition,
                 awaits)
    WHERE kept.item_id = new.item_id
"""


async def save(
    connection: Connection, kept: Sequence[Kept], planned: Collection[ItemId], now: datetime
) -> None:
    """Writes back items that are locked; the plans only of those that were `planned` anew."""
    subjects = [one.item.plan.subject if one.item.plan else None for one in kept]
    await connection.execute(
        SAVE,
        [one.item.standing.item_id for one in kept],
        [subject.chrono if subject else None for subject in subjects],
        [subject.service if subject else None for subject in subjects],
        [
            PLAN.dump_json(one.item.plan, exclude_defaults=True).decode()
            if one.item.plan and one.item.standing.item_id in planned
            else None
            for one in kept
        ],
        [STANDING.dump_json(one.item.standing).decode() for one in kept],
        [one.item.wake_at for one in kept],
        [one.item.unread_since for one in kept],
        [one.item.open for one in kept],
        [one.edition for one in kept],
        [one.awaits for one in kept],
        now,
    )


FORGET_RUNNING = "DELETE FROM sla.running WHERE item_id = ANY($1::uuid[])"
SAVE_RUNNING = """
    INSERT INTO sla.running (item_id, clock, service, limit_at, risk_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
"""
Row = tuple[ItemId, str, str, datetime, datetime | None]


def running(item: Item, now: datetime, rules: Rules) -> set[Row]:
    """The rows of the clocks of an item that run."""
    plan = item.plan
    if plan is None or plan.subject is None:
        return set()
    return {
        (
            item.standing.item_id,
            one.clock.value,
            plan.subject.service,
            rules.end(one.limit),
            min((rung.at for rung in one.rungs), default=None),
        )
        for one in plan.clocks
        if not stopped(one, now)
    }


async def save_running(
    connection: Connection, changed: Sequence[ItemId], rows: Sequence[Row]
) -> None:
    """Replaces the running clocks of the items in which they changed."""
    await connection.execute(FORGET_RUNNING, list(changed))
    if rows:
        await connection.execute(
            SAVE_RUNNING, *(list(column) for column in zip(*rows, strict=True))
        )


def _kept(row: asyncpg.Record) -> Kept:
    item = Item(
        standing=STANDING.validate_json(row["standing"]),
        plan=PLAN.validate_json(row["plan"]) if row["plan"] else None,
        wake_at=row["wake_at"],
        unread_since=row["unread_since"],
        open=row["open"],
    )
    return Kept(item, row["edition"], row["awaits"])
