"""Schema `ingest`: arrivals, the places where mails stand, and how far each source was read.

Every function works inside the caller's transaction; SQL is whole, beside its question.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.facts.envelope import ArrivalId, BlobKey, Digest
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A row of table `ingest.arrivals`: an arrival as ingest stored it."""

    arrival_id: ArrivalId
    source: str
    kind: str
    reason: str | None
    fingerprint: Digest | None
    message: Digest | None
    original: BlobKey | None
    pli: BlobKey | None
    shown_at: datetime
    revision: int = 1
    shown_as: str | None = None
    correspondent: Digest | None = None
    """Who wrote it, where it entered."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The checkpoint of a source: how far it was read; no `uidvalidity` before the first email."""

    uidvalidity: int | None
    last_uid: int
    told_until: datetime | None


_ADVANCE = """
    INSERT INTO ingest.checkpoints AS c (source, uidvalidity, last_uid) VALUES ($1, $2, $3)
    ON CONFLICT (source) DO UPDATE
    SET uidvalidity = $2,
        last_uid = CASE WHEN c.uidvalidity = $2 THEN greatest(c.last_uid, $3) ELSE $3 END
"""


async def checkpoint(connection: Connection, source: str) -> Checkpoint:
    """Reads the checkpoint of a source: how far it was read."""
    row = await connection.fetchrow(
        "SELECT uidvalidity, last_uid, told_until FROM ingest.checkpoints WHERE source = $1", source
    )
    if row is None:
        return Checkpoint(None, 0, None)
    return Checkpoint(row["uidvalidity"], row["last_uid"], row["told_until"])


async def advance(connection: Connection, source: str, uidvalidity: int, last_uid: int) -> None:
    """Moves a mailbox's checkpoint to the last email stored; back only after a new UIDVALIDITY.

    In the transaction that stores the mail.
    """
    await connection.execute(_ADVANCE, source, uidvalidity, last_uid)


async def stored_ids(connection: Connection, ids: Iterable[ArrivalId]) -> set[ArrivalId]:
    """Returns those of these arrivals that are already stored."""
    rows = await connection.fetch(
        "SELECT arrival_id FROM ingest.arrivals WHERE arrival_id = ANY($1::uuid[])", list(ids)
    )
    return {ArrivalId(row["arrival_id"]) for row in rows}


async def original_of(connection: Connection, arrival_id: ArrivalId) -> BlobKey | None:
    """Returns the key of a stored arrival's original; `None`: there is none, or no such arrival."""
    key = await connection.fetchval(
        "SELECT original FROM ingest.arrivals WHERE arrival_id = $1", arrival_id
    )
    return None if key is None else BlobKey(key)


async def insert(
    connection: Connection, rows: Sequence[ArrivalRow], now: datetime
) -> set[ArrivalId]:
    """Inserts arrivals in the order of their ids; returns those that were new (idempotent)."""
    inserted = await connection.fetch(
        """
        INSERT INTO ingest.arrivals (arrival_id, source, kind, reason, fingerprint, message,
                                     original, pli, shown_at, revision, shown_as,
                                     correspondent, recorded_at)
        SELECT *, $13::timestamptz
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                    $7::text[], $8::text[], $9::timestamptz[], $10::integer[], $11::text[],
                    $12::text[]) AS kept (arrival_id)
        ORDER BY kept.arrival_id
        ON CONFLICT (arrival_id) DO NOTHING
        RETURNING arrival_id
        """,
        [row.arrival_id for row in rows],
        [row.source for row in rows],
        [row.kind for row in rows],
        [row.reason for row in rows],
        [row.fingerprint for row in rows],
        [row.message for row in rows],
        [row.original for row in rows],
        [row.pli for row in rows],
        [row.shown_at for row in rows],
        [row.revision for row in rows],
        [row.shown_as for row in rows],
        [row.correspondent for row in rows],
        now,
    )
    return {ArrivalId(row["arrival_id"]) for row in inserted}


async def named_otherwise(
    connection: Connection, source: str, uidvalidity: int, places: Mapping[int, ArrivalId]
) -> set[int]:
    """Returns the UIDs stored for another email than given here; locks the source's checkpoint."""
    await connection.execute("SELECT FROM ingest.checkpoints WHERE source = $1 FOR UPDATE", source)
    rows = await connection.fetch(
        """
        SELECT uid FROM ingest.places
        JOIN unnest($3::bigint[], $4::uuid[]) AS p (uid, arrival_id) USING (uid)
        WHERE source = $1 AND uidvalidity = $2 AND places.arrival_id <> p.arrival_id
        """,
        source,
        uidvalidity,
        list(places.keys()),
        list(places.values()),
    )
    return {int(row["uid"]) for row in rows}


async def insert_places(
    connection: Connection,
    source: str,
    uidvalidity: int,
    last_uid: int,
    places: Mapping[int, ArrivalId],
) -> None:
    """Stores which arrival each UID (IMAP number) of a mailbox names, and moves its checkpoint.

    As `advance`, in the same round trip.
    """
    await connection.execute(
        f"""
        WITH placed AS (
            INSERT INTO ingest.places (source, uidvalidity, uid, arrival_id)
            SELECT $1, $2, uid, arrival_id
            FROM unnest($4::bigint[], $5::uuid[]) AS p (uid, arrival_id)
            ON CONFLICT DO NOTHING)
        {_ADVANCE}
        """,  # noqa: S608  (ours)
        source,
        uidvalidity,
        last_uid,
        list(places.keys()),
        list(places.values()),
    )
