"""Whom internal notes name, and the digest that told it (sql/0581)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import ItemId, NoticeId, PersonId
from shared.facts.items import Items
from shared.facts.items.routing import NoteWritten
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ToldMention:
    """A note that a digest tells to somebody whom it names."""

    event_id: UUID
    item_id: ItemId


async def keep(connection: Connection, facts: Sequence[Items]) -> None:
    """Stores whom new notes name, once each."""
    named = [
        (fact, person) for fact in facts if isinstance(fact, NoteWritten) for person in fact.named
    ]
    if not named:
        return
    await connection.execute(
        """
        INSERT INTO notify.note_mentions (event_id, person, item_id)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING
        """,
        [fact.event_id for fact, _ in named],
        [person for _, person in named],
        [fact.item_id for fact, _ in named],
    )


async def count_untold(connection: Connection) -> int:
    """Counts the mentions that no digest has told."""
    return int(
        await connection.fetchval("SELECT count(*) FROM notify.note_mentions WHERE digest IS NULL")
    )


async def untold(connection: Connection) -> Mapping[PersonId, datetime]:
    """Returns, by person, when the first note that names them and that no digest told was made."""
    rows = await connection.fetch(
        """
        SELECT mention.person, min((told.fact ->> 'recorded_at')::timestamptz) AS first
        FROM notify.note_mentions AS mention JOIN notify.facts AS told USING (event_id)
        WHERE mention.digest IS NULL GROUP BY mention.person
        """
    )
    return {PersonId(row["person"]): row["first"] for row in rows}


async def assign(connection: Connection, told: Mapping[PersonId, NoticeId]) -> None:
    """Stores which digest tells each person of the notes that name them."""
    if told:
        await connection.execute(
            """
            UPDATE notify.note_mentions AS mention SET digest = told.digest
            FROM unnest($1::text[], $2::uuid[]) AS told (person, digest)
            WHERE mention.person = told.person AND mention.digest IS NULL
            """,
            list(told),
            list(told.values()),
        )


async def of_digest(
    connection: Connection, digest: NoticeId, person: PersonId
) -> Sequence[ToldMention]:
    """Returns the notes of which a digest tells the person whom they name."""
    rows = await connection.fetch(
        """
        SELECT event_id, item_id FROM notify.note_mentions WHERE digest = $1 AND person = $2
        ORDER BY item_id, event_id
        """,
        digest,
        person,
    )
    return [ToldMention(row["event_id"], ItemId(row["item_id"])) for row in rows]
