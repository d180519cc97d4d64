"""The rows of the ledger: read under lock, written with the facts that tell of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import asyncpg

from services.notify.domain.ledger import Entry, Next, State
from services.notify.domain.loop_guard import Told
from services.notify.store import CHANNEL
from shared.database import Connection, Pool
from shared.facts.envelope import BlobKey, Digest, EventId, ItemId, NoticeId, PersonId
from shared.facts.words import NoticeKind, Way


@dataclass(frozen=True, slots=True)
class Row:
    """One notice, whole."""

    entry: Entry
    item_id: ItemId | None
    reader: PersonId | None
    way: Way
    due_at: datetime
    planned_at: datetime
    revision: int = 1
    attempts: int = 0
    released_by: str | None = None
    correspondent: Digest | None = None
    thread: Digest | None = None
    document: BlobKey | None = None
    address: Digest | None = None


async def of_items(
    connection: Connection, item_ids: Iterable[ItemId]
) -> Mapping[ItemId, Mapping[NoticeId, Row]]:
    """The notices of these items, locked until the transaction ends."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE item_id = ANY($1::uuid[]) ORDER BY notice_id FOR UPDATE
        """,
        list(item_ids),
    )
    found: dict[ItemId, dict[NoticeId, Row]] = defaultdict(dict)
    for row in map(row_of, rows):
        if row.item_id is not None:
            found[row.item_id][row.entry.notice_id] = row
    return found


async def by_id(connection: Connection, notices: Iterable[NoticeId]) -> Mapping[NoticeId, Row]:
    """These notices, locked until the transaction ends."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE notice_id = ANY($1::uuid[]) ORDER BY notice_id FOR UPDATE
        """,
        list(notices),
    )
    return {NoticeId(row["notice_id"]): row_of(row) for row in rows}


async def put(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Writes rows that the caller has locked or that are new, and wakes the workers."""
    await connection.executemany(
        """
        INSERT INTO notify.ledger
            (notice_id, item_id, occasion, kind, reader, way, state, why, ordered, due_at,
             planned_at, changed_at, revision, attempts, silences, refusals, released_by,
             correspondent, thread, document, address)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21)
        ON CONFLICT (notice_id) DO UPDATE SET
            state = excluded.state, why = excluded.why, ordered = excluded.ordered,
            due_at = excluded.due_at, changed_at = excluded.changed_at,
            revision = excluded.revision, attempts = excluded.attempts,
            silences = excluded.silences, refusals = excluded.refusals,
            released_by = excluded.released_by, document = excluded.document,
            address = excluded.address, worker = NULL
        """,
        [_values(row, now) for row in rows],
    )
    if any(row.entry.state is State.PLANNED for row in rows):
        await connection.execute("SELECT pg_notify($1, '')", CHANNEL)


def _values(row: Row, now: datetime) -> tuple[Any, ...]:
    entry = row.entry
    return (
        entry.notice_id,
        row.item_id,
        entry.occasion,
        entry.kind.value,
        row.reader,
        row.way.value,
        entry.state.value,
        entry.why,
        entry.ordered,
        row.due_at,
        row.planned_at,
        now,
        row.revision,
        row.attempts,
        entry.silences,
        entry.refusals,
        row.released_by,
        row.correspondent,
        row.thread,
        row.document,
        row.address,
    )


async def due(connection: Connection, way: Way, now: datetime) -> Row | None:
    """The notice that waits longest, locked; another worker takes another."""
    row = await connection.fetchrow(
        """
        SELECT * FROM notify.ledger
        WHERE state IN ('planned', 'unknown') AND way = $1 AND due_at <= $2
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        way.value,
        now,
    )
    return None if row is None else row_of(row)


async def any_due(pool: Pool, way: Way, now: datetime) -> bool:
    """Whether a worker would find something: asked before it bothers a server."""
    return bool(
        await pool.fetchval(
            """
            SELECT EXISTS (SELECT 1 FROM notify.ledger
                           WHERE state IN ('planned', 'unknown') AND way = $1 AND due_at <= $2)
            """,
            way.value,
            now,
        )
    )


async def attempt(
    connection: Connection,
    row: Row,
    worker: int,
    told_on: date | None,
    now: datetime,
) -> None:
    """This worker is about to hand it over; committed before DATA (DESIGN, law 5)."""
    await connection.execute(
        """
        UPDATE notify.ledger
        SET state = 'attempting', worker = $2, attempts = attempts + 1, told_on = $3,
            document = $4, address = $5, changed_at = $6
        WHERE notice_id = $1
        """,
        row.entry.notice_id,
        worker,
        told_on,
        row.document,
        row.address,
        now,
    )


async def attempted(connection: Connection, notice: NoticeId) -> Row | None:
    """The notice that a worker handed over, locked, unless its fate was decided meanwhile."""
    row = await connection.fetchrow(
        """
        SELECT * FROM notify.ledger
        WHERE notice_id = $1 AND state IN ('attempting', 'unknown') FOR UPDATE
        """,
        notice,
    )
    return None if row is None else row_of(row)


async def workers(connection: Connection) -> Sequence[int]:
    """Who attempts something now, as far as the ledger knows."""
    rows = await connection.fetch(
        "SELECT DISTINCT worker FROM notify.ledger WHERE state = 'attempting'"
    )
    return [row["worker"] for row in rows]


async def left_by(connection: Connection, worker: int) -> Sequence[Row]:
    """What a worker that is no more was attempting, locked."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE state = 'attempting' AND worker = $1
        ORDER BY notice_id FOR UPDATE
        """,
        worker,
    )
    return [row_of(row) for row in rows]


async def told(connection: Connection, row: Row, today: date) -> Told:
    """What left automatically today to this correspondent, the notice itself not counted.

    Two workers that decide about one correspondent wait for each other here.
    """
    if row.correspondent is None:
        return Told()
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", row.correspondent
    )
    counts = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE item_id = $3) AS of_item,
               count(*) FILTER (WHERE item_id <> $3 AND thread = $4) AS of_thread,
               count(*) AS to_correspondent
        FROM notify.ledger
        WHERE correspondent = $1 AND told_on = $2 AND notice_id <> $5
          AND state IN ('attempting', 'unknown', 'sent', 'bounced')
        """,
        row.correspondent,
        today,
        row.item_id,
        row.thread,
        row.entry.notice_id,
    )
    if counts is None:
        return Told()
    return Told(counts["of_item"], counts["of_thread"], counts["to_correspondent"])


async def in_state(connection: Connection, state: State, why: str | None = None) -> list[Row]:
    """Notices in a state (and held for that reason), oldest first."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE state = $1 AND ($2::text IS NULL OR why = $2)
        ORDER BY planned_at, notice_id
        """,
        state.value,
        why,
    )
    return [row_of(row) for row in rows]


async def counts(connection: Connection) -> Mapping[tuple[str, str], int]:
    """How many notices stand in each (state, kind)."""
    rows = await connection.fetch(
        "SELECT state, kind, count(*) AS n FROM notify.ledger GROUP BY state, kind"
    )
    return {(row["state"], row["kind"]): row["n"] for row in rows}


def row_of(row: asyncpg.Record) -> Row:
    """A row as the domain knows it."""
    return Row(
        entry=Entry(
            notice_id=NoticeId(row["notice_id"]),
            occasion=row["occasion"],
            kind=NoticeKind(row["kind"]),
            state=State(row["state"]),
            why=row["why"],
            ordered=row["ordered"] and EventId(row["ordered"]),
            silences=row["silences"],
            refusals=row["refusals"],
        ),
        item_id=row["item_id"] and ItemId(row["item_id"]),
        reader=row["reader"] and PersonId(row["reader"]),
        way=Way(row["way"]),
        due_at=row["due_at"],
        planned_at=row["planned_at"],
        revision=row["revision"],
        attempts=row["attempts"],
        released_by=row["released_by"],
        correspondent=row["correspondent"] and Digest(row["correspondent"]),
        thread=row["thread"] and Digest(row["thread"]),
        document=row["document"] and BlobKey(row["document"]),
        address=row["address"] and Digest(row["address"]),
    )


def after(row: Row, what: Next, now: datetime) -> Row:
    """The row once an attempt has its answer."""
    entry = replace(
        row.entry,
        state=what.state,
        why=what.why,
        silences=what.silences,
        refusals=what.refusals,
    )
    return replace(row, entry=entry, due_at=now + what.after)
