"""The journal: who signed in, read, took a file away or was refused; no content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import asyncpg

from shared.platform.database import Connection

AGAIN = timedelta(minutes=10)
"""Interval within which readings of one item by one person make one line."""


class What(StrEnum):
    """The kind of access that the journal records: sign-in, reading, download, refusal or other."""

    SIGN_IN = "sign-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGN_OUT = "sign-out"
    READING = "reading"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    REFUSAL = "refusal"
    PURGE = "purge"
    AUDIT = "audit"
    """The content of an item was read by an auditor on site, who had drawn it."""
    KEY_GIVEN = "key-given"
    """An administrator gave an application a key of the API."""
    KEY_CONFIRMED = "key-confirmed"
    """A second person let a key of the API read letters."""
    KEY_REVOKED = "key-revoked"
    FETCHED_AHEAD = "fetched-ahead"
    """The page of the next letter of the queue, before its turn: nobody was shown it."""


WORDS: Final[Mapping[str, What]] = {what.value: what for what in What}
"""Each kind of access by the word that the journal stores."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of the access journal (audit log): who did what, when, from where."""

    at: datetime
    what: What | str
    """A word of a later version, which ran before a rollback, stays as it is."""
    person: str | None
    """`None`: nobody who was known."""
    address: str | None
    """Of the network."""
    page: str
    """As the table of pages has it."""
    about: str = ""
    """A number of the register."""
    account: str | None = None
    """Of the system, that typed a command."""
    why: str | None = None
    """The code that it gave."""


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A position in the access journal, in the order in which transactions ended."""

    xid: int
    id: int


async def note(connection: Connection, line: JournalLine) -> None:
    """Adds a line to the access journal, unless it repeats a reading within `AGAIN`."""
    await connection.execute(
        """
        INSERT INTO desk.journal (at, what, person, address, page, about, account, why)
        SELECT $1::timestamptz, $2::text, $3::text, $4::text, $5::text, $6::text, $8::text, $9::text
        WHERE $2 NOT IN ('reading', 'audit') OR NOT EXISTS (
            SELECT FROM desk.journal
            WHERE person = $3 AND at > $1::timestamptz - $7::interval AND what = $2
              AND about = $6 AND address IS NOT DISTINCT FROM $4)
        """,
        line.at,
        str(line.what),
        line.person,
        line.address,
        line.page,
        line.about,
        AGAIN,
        line.account,
        line.why,
    )


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


async def told(connection: Connection) -> JournalPlace | None:
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
