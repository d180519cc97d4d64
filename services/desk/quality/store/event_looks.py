"""What the rule of an event said of each mail, so that it is asked once; and what it proposes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import BlobKey, ItemId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Unseen:
    """A mail that opened an item, and that an event's rule has not looked at."""

    item_id: ItemId
    source: str
    received_at: datetime
    pli: BlobKey | None


async def unseen_mails(
    connection: Connection, subject: UUID, version: int, since: datetime, most: int
) -> Sequence[Unseen]:
    """Returns at most `most` mails since a moment that a version of an event's rule hasn't seen.

    The oldest first.
    """
    rows = await connection.fetch(
        """
        SELECT a.item_id, a.source, a.received_at, a.pli FROM desk.arrivals a
        WHERE a.word = 'item' AND a.recorded_at >= $3 AND a.received_at >= $3
          AND NOT EXISTS (SELECT FROM desk.event_looks l
                          WHERE l.subject_id = $1 AND l.item_id = a.item_id AND l.version = $2)
        ORDER BY a.recorded_at, a.arrival_id LIMIT $4
        """,
        subject,
        version,
        since,
        most,
    )
    return [
        Unseen(
            ItemId(row["item_id"]),
            row["source"],
            row["received_at"],
            None if row["pli"] is None else BlobKey(row["pli"]),
        )
        for row in rows
    ]


async def keep(
    connection: Connection, subject: UUID, version: int, hits: Mapping[ItemId, str | None]
) -> None:
    """Stores which words an event's rule found in the mail of each item; `None` if it found none.

    An item that has a row is not looked at again by the same version of the rule.
    """
    await connection.execute(
        """
        INSERT INTO desk.event_looks (subject_id, item_id, version, words)
        SELECT $1, item_id, $2, words FROM unnest($3::uuid[], $4::text[]) AS looks (item_id, words)
        ORDER BY item_id
        ON CONFLICT (subject_id, item_id)
        DO UPDATE SET version = excluded.version, words = excluded.words
        """,
        subject,
        version,
        list(hits),
        list(hits.values()),
    )


async def hits(connection: Connection, subject: UUID) -> Mapping[ItemId, str]:
    """Returns the items that an event's rule found, oldest receipt first, each with its words."""
    rows = await connection.fetch(
        """
        SELECT l.item_id, l.words FROM desk.event_looks l JOIN desk.items i USING (item_id)
        WHERE l.subject_id = $1 AND l.words IS NOT NULL AND i.state <> 'merged'
        ORDER BY i.received_at, i.item_id
        """,
        subject,
    )
    return {ItemId(row["item_id"]): row["words"] for row in rows}
