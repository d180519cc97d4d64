"""Items of an event as lists show them: what its rule proposes, what belongs to it.

A réservé item is proposed to nobody: the words that the rule found in it are of its content.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.desk.store.visibility import Visibility
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class EventLine:
    """A row of the list of a crisis event's items."""

    item_id: ItemId
    chrono: Chrono
    received_on: date
    service: str
    state: str
    subject: str
    """Empty where the item is réservé or not indexed yet."""
    words: str
    """Of the rule; empty where a person named the item."""


async def proposed_items(
    connection: Connection,
    seen: Visibility,
    subject: UUID,
    known: Collection[ItemId],
    limit: int,
) -> tuple[int, Sequence[EventLine]]:
    """Counts the items that an event's rule proposes and that are not `known`.

    Returns the `limit` oldest too. Only items that the reader may know of and are not réservé.
    """
    found = await connection.fetch(
        """
        SELECT item.item_id, item.chrono, item.received_on, item.service, item.state,
               coalesce(s.subject, '') AS subject, l.words, count(*) OVER () AS n
        FROM desk.event_looks l JOIN desk.items item USING (item_id)
        LEFT JOIN desk.search s ON s.id = item.item_id
        WHERE l.subject_id = $6 AND l.words IS NOT NULL
          AND item.state NOT IN ('merged', 'destroyed') AND item.confidentiality = 'normal'
          AND NOT item.item_id = ANY ($7::uuid[])
          AND desk.known_to(item, $1, $2, $3::text[], $4::text[], $5::text[])
        ORDER BY item.received_at, item.item_id LIMIT $8
        """,
        *seen,
        subject,
        list(known),
        limit,
    )
    return (found[0]["n"] if found else 0), [_line(row) for row in found]


async def count_unreserved(connection: Connection, items: Collection[ItemId]) -> int:
    """Counts those of these items that are not réservé; the others' number is shown to nobody."""
    return int(
        await connection.fetchval(
            """
            SELECT count(*) FROM desk.items
            WHERE item_id = ANY ($1::uuid[]) AND confidentiality = 'normal'
            """,
            list(items),
        )
    )


async def members(
    connection: Connection, seen: Visibility, subject: UUID, items: Collection[ItemId], limit: int
) -> tuple[int, Sequence[EventLine]]:
    """Counts an event's items that the reader may know of; returns the `limit` newest too."""
    found = await connection.fetch(
        """
        SELECT item.item_id, item.chrono, item.received_on, item.service, item.state,
               CASE WHEN item.confidentiality = 'normal' THEN coalesce(s.subject, '') ELSE ''
               END AS subject, coalesce(l.words, '') AS words, count(*) OVER () AS n
        FROM desk.items item
        LEFT JOIN desk.event_looks l ON l.subject_id = $6 AND l.item_id = item.item_id
        LEFT JOIN desk.search s ON s.id = item.item_id
        WHERE item.item_id = ANY ($7::uuid[])
          AND desk.known_to(item, $1, $2, $3::text[], $4::text[], $5::text[])
        ORDER BY item.received_at DESC, item.item_id LIMIT $8
        """,
        *seen,
        subject,
        list(items),
        limit,
    )
    return (found[0]["n"] if found else 0), [_line(row) for row in found]


def _line(row: asyncpg.Record) -> EventLine:
    return EventLine(
        ItemId(row["item_id"]),
        Chrono(row["chrono"]),
        row["received_on"],
        row["service"],
        row["state"],
        row["subject"],
        row["words"],
    )
