"""The rows of the ledger: read under lock, written with the facts that tell of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from services.notify.domain.due import Urgency
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.store import CHANNEL, unreadable_rows
from shared.facts.envelope import BlobKey, Digest, EventId, ItemId, NoticeId, PersonId
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row of the ledger: one notice with all its data."""

    entry: LedgerEntry
    item_id: ItemId | None
    reader: PersonId | None
    way: Way
    urgency: Urgency
    due_at: datetime
    planned_at: datetime
    revision: int = 1
    attempts: int = 0
    released_by: str | None = None
    correspondent: Digest | None = None
    thread: Digest | None = None
    document: BlobKey | None = None
    address: Digest | None = None
    says: date | None = None
    """The date of silence that the letter made for it tells."""
    mailbox: Digest | None = None
    domain: Digest | None = None
    answer: str | None = None
    """What is kept of the server's answer, once it took the mail."""


async def of_items(
    connection: Connection, item_ids: Iterable[ItemId]
) -> Mapping[ItemId, Mapping[NoticeId, LedgerRow]]:
    """Reads the notices of these items and locks them until the transaction ends."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE item_id = ANY($1::uuid[]) AND state <> 'parked'
        ORDER BY notice_id FOR UPDATE
        """,
        list(item_ids),
    )
    found: dict[ItemId, dict[NoticeId, LedgerRow]] = defaultdict(dict)
    for row in await readable(connection, rows):
        if row.item_id is not None:
            found[row.item_id][row.entry.notice_id] = row
    return found


async def by_id(
    connection: Connection, notices: Iterable[NoticeId]
) -> Mapping[NoticeId, LedgerRow]:
    """Reads these notices by id and locks them until the transaction ends."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE notice_id = ANY($1::uuid[]) AND state <> 'parked'
        ORDER BY notice_id FOR UPDATE
        """,
        list(notices),
    )
    return {row.entry.notice_id: row for row in await readable(connection, rows)}


async def put(connection: Connection, rows: Sequence[LedgerRow], now: datetime) -> None:
    """Writes notices that are new or locked by the caller, and wakes the sending workers."""
    await connection.executemany(
        """
        INSERT INTO notify.ledger
            (notice_id, item_id, occasion, kind, reader, way, state, why, ordered, due_at,
             planned_at, changed_at, revision, attempts, silences, refusals, released_by,
             correspondent, thread, document, address, urgency, says, mailbox, domain, answer)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21, $22, $23, $24, $25, $26)
        ON CONFLICT (notice_id) DO UPDATE SET
            state = excluded.state, why = excluded.why, ordered = excluded.ordered,
            urgency = excluded.urgency, due_at = excluded.due_at, changed_at = excluded.changed_at,
            revision = excluded.revision, attempts = excluded.attempts,
            silences = excluded.silences, refusals = excluded.refusals,
            released_by = excluded.released_by, document = excluded.document,
            address = excluded.address, says = excluded.says, mailbox = excluded.mailbox,
            domain = excluded.domain, answer = excluded.answer, worker = NULL
        """,
        [_values(row, now) for row in rows],
    )
    if any(row.entry.state is NoticeState.PLANNED for row in rows):
        await connection.execute("SELECT pg_notify($1, '')", CHANNEL)


def _values(row: LedgerRow, now: datetime) -> tuple[Any, ...]:
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
        row.urgency.value,
        row.says,
        row.mailbox,
        row.domain,
        row.answer,
    )


async def states(
    connection: Connection, notices: Iterable[NoticeId]
) -> Mapping[NoticeId, NoticeState]:
    """Returns the states of these notices, as far as the ledger knows them; locks nothing."""
    rows = await connection.fetch(
        "SELECT notice_id, state FROM notify.ledger WHERE notice_id = ANY($1::uuid[])",
        list(notices),
    )
    return {NoticeId(row["notice_id"]): NoticeState(row["state"]) for row in rows}


async def readable(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[LedgerRow]:
    """Parses rows of the ledger; one that can't be parsed is set aside and left out."""
    found = []
    for row in rows:
        try:
            found.append(row_of(row))
        except ValueError as error:
            await unreadable_rows.notice(connection, row["notice_id"], row["state"], error)
    return found


def _state(row: asyncpg.Record) -> NoticeState:
    """What is claimed and not attempted waits as before: it may still be taken back."""
    state = NoticeState(row["state"])
    if state is not NoticeState.ATTEMPTING or (row["worker"] or 0) >= 0:
        return state
    return NoticeState.UNKNOWN if row["silences"] else NoticeState.PLANNED


def row_of(row: asyncpg.Record) -> LedgerRow:
    """Parses a row of the ledger of notices."""
    return LedgerRow(
        entry=LedgerEntry(
            notice_id=NoticeId(row["notice_id"]),
            occasion=row["occasion"],
            kind=NoticeKind(row["kind"]),
            state=_state(row),
            why=row["why"],
            ordered=row["ordered"] and EventId(row["ordered"]),
            silences=row["silences"],
            refusals=row["refusals"],
        ),
        item_id=row["item_id"] and ItemId(row["item_id"]),
        reader=row["reader"] and PersonId(row["reader"]),
        way=Way(row["way"]),
        urgency=Urgency(row["urgency"]),
        due_at=row["due_at"],
        planned_at=row["planned_at"],
        revision=row["revision"],
        attempts=row["attempts"],
        released_by=row["released_by"],
        correspondent=row["correspondent"] and Digest(row["correspondent"]),
        thread=row["thread"] and Digest(row["thread"]),
        document=row["document"] and BlobKey(row["document"]),
        address=row["address"] and Digest(row["address"]),
        says=row["says"],
        mailbox=row["mailbox"] and Digest(row["mailbox"]),
        domain=row["domain"] and Digest(row["domain"]),
        answer=row["answer"],
    )
