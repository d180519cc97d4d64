"""What the journal reads back: the lines of a span, and how far the collector of logs has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.desk.store.access_journal import WORDS, JournalLine, What
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A position in the access journal, in the order in which transactions ended."""

    xid: int
    id: int


async def lines(
    connection: Connection,
    first: datetime,
    until: datetime,
    limit: int,
    *,
    person: str | None = None,
    what: What | None = None,
    about: str = "",
) -> Sequence[JournalLine]:
    """Returns the `limit` latest lines of the access journal between two moments, latest first."""
    rows = await connection.fetch(
        """
        SELECT at, what, person, address, page, about, account, why FROM desk.journal
        WHERE at >= $1 AND at < $2 AND ($3::text IS NULL OR person = $3)
          AND ($4::text IS NULL OR what = $4) AND ($5 = '' OR about = $5)
        ORDER BY at DESC, id DESC LIMIT $6
        """,
        first,
        until,
        person,
        None if what is None else what.value,
        about,
        limit,
    )
    return [_line(row) for row in rows]


async def purge(connection: Connection, before: datetime, now: datetime) -> int:
    """Deletes journal lines older than a moment, and records that; returns how many."""
    return int(await connection.fetchval("SELECT desk.purge_journal($1, $2)", before, now))


async def lock_sent_place(connection: Connection) -> JournalPlace | None:
    """Returns the position up to which the log collector received the journal, or `None`.

    No other transaction reads it, to send what follows, until this one ends.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('desk journal'))")
    row = await connection.fetchrow("SELECT xid::text, id FROM desk.journal_told")
    return None if row is None else JournalPlace(int(row["xid"]), row["id"])


async def after(
    connection: Connection, place: JournalPlace | None, limit: int
) -> Sequence[tuple[JournalPlace, JournalLine]]:
    """Returns at most `limit` journal lines after a position, as far as they are safe to send.

    That is as far as no earlier line can still appear from an open transaction.
    """
    rows = await connection.fetch(
        """
        SELECT xid::text AS xid, id, at, what, person, address, page, about, account, why
        FROM desk.journal
        WHERE (xid, id) > ($1::text::xid8, $2::bigint)
          AND xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid, id LIMIT $3
        """,
        "0" if place is None else str(place.xid),
        0 if place is None else place.id,
        limit,
    )
    return [(JournalPlace(int(row["xid"]), row["id"]), _line(row)) for row in rows]


async def is_told(connection: Connection, place: JournalPlace) -> None:
    """Stores the position up to which the log collector has received the access journal."""
    await connection.execute(
        """
        INSERT INTO desk.journal_told (xid, id) VALUES ($1::text::xid8, $2)
        ON CONFLICT (single) DO UPDATE SET xid = excluded.xid, id = excluded.id
        """,
        str(place.xid),
        place.id,
    )


def _line(row: asyncpg.Record) -> JournalLine:
    return JournalLine(
        row["at"],
        WORDS.get(row["what"], row["what"]),
        row["person"],
        row["address"],
        row["page"],
        row["about"],
        row["account"],
        row["why"],
    )
