"""Who writes a letter about an item in this moment, by the time of the database (sql/0677).

It decides nothing and locks nobody out: a colleague who opens the item is told, as the queue tells
who looks at a letter.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from shared.facts.envelope import ItemId, PersonId
from shared.platform.database import Connection

LASTS: Final = timedelta(minutes=5)
"""How long somebody writes after their page said so last."""


async def touch(connection: Connection, item_id: ItemId, person: PersonId) -> None:
    """Notes that somebody writes a letter about an item now; nobody waits for it."""
    await connection.execute(
        """
        INSERT INTO desk.reply_writers (item_id, person, touched_at) VALUES ($1, $2, now())
        ON CONFLICT (item_id, person) DO UPDATE SET touched_at = excluded.touched_at
        """,
        item_id,
        person,
    )


async def others(connection: Connection, item_id: ItemId, person: PersonId) -> Sequence[PersonId]:
    """Returns who else than `person` writes a letter about an item now, the latest first."""
    rows = await connection.fetch(
        """
        SELECT person FROM desk.reply_writers
        WHERE item_id = $1 AND person <> $2 AND touched_at > now() - $3::interval
        ORDER BY touched_at DESC, person
        """,
        item_id,
        person,
        LASTS,
    )
    return [PersonId(row["person"]) for row in rows]


async def leave(connection: Connection, item_id: ItemId, person: PersonId) -> None:
    """Notes that somebody writes about an item no more: their letter left, or went on."""
    await connection.execute(
        "DELETE FROM desk.reply_writers WHERE item_id = $1 AND person = $2", item_id, person
    )


async def forget(connection: Connection) -> None:
    """Deletes who wrote an hour ago and does no more (purge)."""
    await connection.execute(
        "DELETE FROM desk.reply_writers WHERE touched_at < now() - interval '1 hour'"
    )
