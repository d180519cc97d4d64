"""Arrivals that wait without item, as the mail office looks at them one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.desk.domain.disposition import Disposition
from services.desk.store.cursors import Cursor, MomentCursor
from shared.facts.envelope import ArrivalId, BlobKey
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class UnregisteredArrival:
    """Arrival of which no item was made: quarantine, set aside, or from before go-live."""

    arrival_id: ArrivalId
    word: Disposition
    reason: str | None
    source: str
    received_at: datetime
    original: BlobKey
    pli: BlobKey | None
    sender: str
    """As the search has read it; empty before it has."""
    subject: str

    @property
    def place(self) -> MomentCursor:
        """The pagination cursor that begins after this arrival."""
        return Cursor(self.received_at, str(self.arrival_id))


async def apart(
    connection: Connection, word: Disposition, limit: int, after: MomentCursor | None = None
) -> tuple[Sequence[UnregisteredArrival], int]:
    """Returns a page of the arrivals with one disposition, and their total number.

    The latest first; of the quarantine the oldest. `after`: cursor of the last arrival of the page
    before.
    """
    rows = await connection.fetch(
        """
        SELECT a.arrival_id, a.word, a.reason, a.source, a.received_at, a.original, a.pli,
               coalesce(s.sender, '') AS sender, coalesce(s.subject, '') AS subject
        FROM (SELECT * FROM desk.arrivals
              WHERE word = $1 AND erased_at IS NULL
                AND CASE WHEN $3::timestamptz IS NULL THEN true
                         WHEN $1 = 'quarantine' THEN (received_at, arrival_id) > ($3, $4::uuid)
                         ELSE (received_at, arrival_id) < ($3, $4::uuid) END
              ORDER BY CASE WHEN $1 = 'quarantine' THEN received_at END,
                       CASE WHEN $1 = 'quarantine' THEN arrival_id END,
                       received_at DESC, arrival_id DESC
              LIMIT $2) a
        LEFT JOIN desk.search s ON s.id = a.arrival_id
        ORDER BY CASE WHEN $1 = 'quarantine' THEN a.received_at END,
                 CASE WHEN $1 = 'quarantine' THEN a.arrival_id END,
                 a.received_at DESC, a.arrival_id DESC
        """,
        word.value,
        limit,
        None if after is None else after.key,
        None if after is None else UUID(after.name),
    )
    count = await connection.fetchval(
        "SELECT count(*)::int FROM desk.arrivals WHERE word = $1 AND erased_at IS NULL",
        word.value,
    )
    return [_apart(row) for row in rows], count


async def read_arrival(connection: Connection, arrival_id: ArrivalId) -> UnregisteredArrival | None:
    """Reads an arrival that waits without an item, by its id; `None` if it does not wait."""
    row = await connection.fetchrow(
        """
        SELECT arrival_id, word, reason, source, received_at, original, pli,
               '' AS sender, '' AS subject
        FROM desk.arrivals
        WHERE arrival_id = $1 AND word IN ('quarantine', 'set_aside', 'history')
          AND erased_at IS NULL
        """,
        arrival_id,
    )
    return None if row is None else _apart(row)


def _apart(row: asyncpg.Record) -> UnregisteredArrival:
    return UnregisteredArrival(
        arrival_id=ArrivalId(row["arrival_id"]),
        word=Disposition(row["word"]),
        reason=row["reason"],
        source=row["source"],
        received_at=row["received_at"],
        original=BlobKey(row["original"]),
        pli=row["pli"] and BlobKey(row["pli"]),
        sender=row["sender"],
        subject=row["subject"],
    )
