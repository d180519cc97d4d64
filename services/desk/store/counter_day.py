"""What somebody registered at the counter today, and the code that a printed récépissé says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.domain.item import ItemStatus
from shared.facts.envelope import BlobKey, Chrono, Digest, ItemId
from shared.facts.vocabulary import Category, Channel
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class CounterEntry:
    """A paper that a person registered at the counter."""

    item_id: ItemId
    chrono: Chrono
    at: datetime
    channel: Channel
    category: Category
    state: ItemStatus
    alone: bool
    """Nothing but its registration tells of it: whoever keyed it may take that back."""
    pli: BlobKey | None
    """Sender and subject as keyed; `None` where nothing was, or of what is réservé."""


async def last(
    connection: Connection, by: str, since: datetime, limit: int
) -> Sequence[CounterEntry]:
    """Returns an author's last registrations at the counter since a moment, the latest first.

    By a page alone: what was taken over from a file, or split off, was handed over by nobody.
    """
    rows = await connection.fetch(
        """
        SELECT i.item_id, i.chrono, f.recorded_at AS at, i.channel, i.category, i.state,
               i.seq = f.seq AS alone,
               CASE WHEN i.confidentiality = 'normal' THEN f.payload::jsonb ->> 'pli' END AS pli
        FROM desk.facts f JOIN desk.items i USING (item_id)
        WHERE f.recorded_at >= $2 AND f.type = 'ItemRegistered' AND f.seq = 1 AND f.by = $1
          AND f.payload::jsonb ->> 'arrival_id' IS NULL
          AND f.payload::jsonb ->> 'via' = 'session'
          AND NOT EXISTS (SELECT FROM desk.facts s
                          WHERE s.item_id = f.item_id AND s.type = 'ItemSplitFrom')
        ORDER BY f.recorded_at DESC, i.chrono DESC LIMIT $3
        """,
        by,
        since,
        limit,
    )
    return [
        CounterEntry(
            item_id=ItemId(row["item_id"]),
            chrono=Chrono(row["chrono"]),
            at=row["at"],
            channel=Channel(row["channel"]),
            category=Category(row["category"]),
            state=ItemStatus(row["state"]),
            alone=row["alone"],
            pli=row["pli"] and BlobKey(row["pli"]),
        )
        for row in rows
    ]


async def give_code(
    connection: Connection, digest: Digest, item_id: ItemId, key_id: str, now: datetime
) -> None:
    """Stores the digest of a letter's chrono and follow-up code; a second call renews its day.

    By it the public's page of the letter is opened (`portal.followed`).
    """
    await connection.execute(
        "SELECT portal.give_follow_code($1, $2, $3, $4)", digest, item_id, key_id, now
    )
