"""Whom internal notes name and who has not said yet that they read them (sql/0580)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.store.visibility import Visibility
from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.envelope import Chrono, EventId, ItemId, PersonId, ServiceId
from shared.facts.items import Items
from shared.facts.items.retention import ItemDestroyed, ItemWithdrawn
from shared.facts.items.routing import NoteWritten
from shared.facts.vocabulary import Category
from shared.platform.database import Connection

_OPEN = f"""
    FROM desk.note_mentions m
    JOIN desk.items i USING (item_id) JOIN desk.facts f USING (event_id)
    WHERE m.person = $1 AND i.state <> 'destroyed' AND NOT {TAKEN_BACK}
      AND desk.known_to(i, $2, $3, $4::text[], $5::text[], $6::text[])
"""


@dataclass(frozen=True, slots=True)
class NoteMention:
    """Note (item, author, moment) that names a colleague who has not said yet that they read it."""

    event_id: EventId
    item_id: ItemId
    chrono: Chrono
    category: Category
    service: ServiceId
    by: str
    """Its author, as facts write them."""
    noted_at: datetime


async def follow(connection: Connection, facts: Sequence[Items]) -> None:
    """Stores whom new notes name (mentions); deletes those of items whose content is gone."""
    notes = [fact for fact in facts if isinstance(fact, NoteWritten)]
    named = [(fact, person) for fact in notes for person in fact.named]
    if named:
        await connection.execute(
            """
            INSERT INTO desk.note_mentions (event_id, person, item_id, noted_at)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[])
            ON CONFLICT DO NOTHING
            """,
            [fact.event_id for fact, _ in named],
            [person for _, person in named],
            [fact.item_id for fact, _ in named],
            [fact.recorded_at for fact, _ in named],
        )
    gone = [fact.item_id for fact in facts if isinstance(fact, ItemWithdrawn | ItemDestroyed)]
    if gone:
        await connection.execute(
            "DELETE FROM desk.note_mentions WHERE item_id = ANY($1::uuid[])", gone
        )


async def count(connection: Connection, person: PersonId, seen: Visibility) -> int:
    """Counts the notes that name somebody and that they have not said they read."""
    found = await connection.fetchval(f"SELECT count(*)::int {_OPEN}", person, *seen)
    return int(found)


async def unread(
    connection: Connection, person: PersonId, seen: Visibility, limit: int
) -> Sequence[NoteMention]:
    """Returns the notes that name somebody and that they have not said they read, newest first.

    At most `limit`, and only of items of which they may still know.
    """
    rows = await connection.fetch(
        f"""
        SELECT m.event_id, m.item_id, i.chrono, i.category, i.service, f.by, m.noted_at {_OPEN}
        ORDER BY m.noted_at DESC, m.event_id LIMIT $7
        """,
        person,
        *seen,
        limit,
    )
    return [
        NoteMention(
            EventId(row["event_id"]),
            ItemId(row["item_id"]),
            Chrono(row["chrono"]),
            Category(row["category"]),
            ServiceId(row["service"]),
            row["by"],
            row["noted_at"],
        )
        for row in rows
    ]


async def of_item(connection: Connection, person: PersonId, item_id: ItemId) -> Sequence[EventId]:
    """Returns the notes of an item that name somebody and that they have not said they read."""
    rows = await connection.fetch(
        f"""
        SELECT m.event_id FROM desk.note_mentions m JOIN desk.facts f USING (event_id)
        WHERE m.person = $1 AND m.item_id = $2 AND NOT {TAKEN_BACK}
        """,  # noqa: S608  (a constant of withdrawals.py)
        person,
        item_id,
    )
    return [EventId(row["event_id"]) for row in rows]


async def read(connection: Connection, person: PersonId, events: Sequence[EventId]) -> int:
    """Forgets mentions of somebody, who says that they read these notes; returns how many."""
    status = await connection.execute(
        "DELETE FROM desk.note_mentions WHERE person = $1 AND event_id = ANY($2::uuid[])",
        person,
        events,
    )
    return int(status.split()[-1])
