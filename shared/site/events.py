"""Events of module 7 as every service sees them: append-only rows of schema `site`.

Written by desk alone, in the transaction of the fact; read by notify. An event whose end has passed
is over, whatever its last row says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from uuid import UUID

import asyncpg

from shared.platform.database import Connection
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class StandingEvent:
    """A crisis event as the register last published it: end, approved texts, rule for its mail."""

    event: UUID
    code: str
    exercise: bool
    opened_at: datetime
    ends_at: datetime
    closed: bool = False
    line: str | None = None
    """What receipts say; `None`: nothing is approved."""
    reply: str | None = None
    """What the mails of an exercise say; of a real event each order has its text."""
    reply_version: int | None = None
    words: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Ids of sources, such as `mailbox:pref`; empty: all."""
    since: datetime | None = None
    """Receipt from which mail is about it; `None`: no rule is approved."""


async def keep(connection: Connection, event: StandingEvent, author: str, now: datetime) -> None:
    """Stores a row that says how a crisis event stands from now on."""
    await connection.execute(
        """
        INSERT INTO site.events (event, code, exercise, opened_at, ends_at, closed, line, reply,
                                 reply_version, words, sources, since, valid_from, author)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """,
        event.event,
        event.code,
        event.exercise,
        event.opened_at,
        event.ends_at,
        event.closed,
        event.line,
        event.reply,
        event.reply_version,
        list(event.words),
        list(event.sources),
        event.since,
        now,
        author,
    )


async def last(connection: Connection, event: UUID) -> StandingEvent | None:
    """Reads how a crisis event last stood; `None`: it never opened, or its row is unreadable."""
    found = await connection.fetch(
        "SELECT * FROM site.events WHERE event = $1 ORDER BY id DESC LIMIT 1", event
    )
    return next(iter(rows.readable("site.events", found, itemgetter("id"), _event)), None)


async def open_at(connection: Connection, moment: datetime) -> Sequence[StandingEvent]:
    """Reads the crisis events and exercises that are open at a moment, oldest first."""
    found = await connection.fetch(
        """
        SELECT * FROM (SELECT DISTINCT ON (event) * FROM site.events
                       WHERE valid_from <= $1 ORDER BY event, id DESC) AS latest
        WHERE NOT closed AND opened_at <= $1 AND ends_at > $1 ORDER BY opened_at, event
        """,
        moment,
    )
    return rows.readable("site.events", found, itemgetter("id"), _event)


def _event(row: asyncpg.Record) -> StandingEvent:
    return StandingEvent(
        event=row["event"],
        code=row["code"],
        exercise=row["exercise"],
        opened_at=row["opened_at"],
        ends_at=row["ends_at"],
        closed=row["closed"],
        line=row["line"],
        reply=row["reply"],
        reply_version=row["reply_version"],
        words=tuple(row["words"]),
        sources=tuple(row["sources"]),
        since=row["since"],
    )
