"""What a worker has in hand: what it claimed, what it hands over, what a dead one left behind.

A claimed notice is `attempting` with the worker's number *negated*: nothing of it was said to the
mail server, so that it may be put back. Its number is turned positive in the transaction that ends
before DATA: from then on only an answer, or its absence, says what became of it (DESIGN, law 5).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.notify.domain.ledger import TOLD, Next
from services.notify.store import SCHEMA
from services.notify.store.ledger import LedgerRow, readable
from shared.facts.envelope import Fact, NoticeId
from shared.platform.database import Connection
from shared.platform.messaging import outbox

LOCKS = 0x6E6F7469
"""First half of the advisory locks of workers: "noti"."""


async def claim(
    connection: Connection,
    rows: Sequence[tuple[LedgerRow, date | None]],
    worker: int,
    now: datetime,
) -> None:
    """Stores that a worker has locked notices in hand and will send them; nothing is said yet.

    With each row the local day for which the caps count it; `None`: they don't.
    """
    await connection.execute(
        """
        UPDATE notify.ledger
        SET state = 'attempting', worker = -$2::integer, told_on = mine.told_on,
            told_at = CASE WHEN mine.told_on IS NULL THEN NULL ELSE $3::timestamptz END,
            address = mine.address, mailbox = mine.mailbox, domain = mine.domain, changed_at = $3
        FROM unnest($1::uuid[], $4::date[], $5::text[], $6::text[], $7::text[])
             AS mine (notice_id, told_on, address, mailbox, domain)
        WHERE ledger.notice_id = mine.notice_id
        """,
        [row.entry.notice_id for row, _ in rows],
        worker,
        now,
        [told_on for _, told_on in rows],
        [row.address for row, _ in rows],
        [row.mailbox for row, _ in rows],
        [row.domain for row, _ in rows],
    )


async def move(
    connection: Connection,
    settled: LedgerRow | None,
    begun: LedgerRow | None,
    worker: int,
    now: datetime,
    told: Fact | None = None,
    *,
    own: bool = False,
) -> Collection[NoticeId]:
    """Stores the outcome of a worker's attempt, tells it, and begins that of another notice.

    One statement, and with it one commit, where no transaction is open. Both are locked in the
    order of ids, as whoever decides about several notices locks them. Returns those of the two that
    were stored: an attempt that somebody took for cut short is not settled, and nothing is told of
    it; nothing is begun that is its own no more, nor without the lock of its session, which the
    connection has that is its `own`.
    """
    rows = await connection.fetch(
        f"""
        WITH new (notice_id, held_by, worker, state, why, due_at, revision, attempts, silences,
                  refusals, answer, document) AS (
            VALUES ($1::uuid, $2::int, NULL::int, $3::text, $4::text, $5::timestamptz, $6::int,
                    $7::int, $8::int, $9::int, $10::text, $11::text),
                   ($12, -$2, $2, 'attempting', $13, $14, $15, $16, $17, $18, $19, $20)
        ), mine AS MATERIALIZED (
            SELECT ledger.notice_id FROM notify.ledger
            JOIN new ON ledger.notice_id = new.notice_id AND ledger.worker = new.held_by
            WHERE ledger.state = 'attempting'
            ORDER BY ledger.notice_id FOR UPDATE OF ledger
        ), moved AS (
            UPDATE notify.ledger
            SET state = new.state, why = new.why, due_at = new.due_at, changed_at = $21,
                revision = new.revision, attempts = new.attempts, silences = new.silences,
                refusals = new.refusals, answer = new.answer, document = new.document,
                worker = new.worker
            FROM new
            WHERE ledger.notice_id = new.notice_id
              AND ledger.notice_id IN (SELECT notice_id FROM mine)
              AND (new.worker IS NULL OR $22 OR NOT pg_try_advisory_xact_lock($23, $2))
            RETURNING ledger.notice_id
        ), told AS ({outbox.insert(SCHEMA, 25, "$1 IN (SELECT notice_id FROM moved)")})
        SELECT notice_id, (SELECT count(pg_notify($24, '')) FROM told) FROM moved
        """,  # noqa: S608  (a schema is a name of our code, not input)
        settled and settled.entry.notice_id,
        worker,
        settled and settled.entry.state.value,
        *_fate(settled),
        begun and begun.entry.notice_id,
        *_fate(begun),
        now,
        own,
        LOCKS,
        outbox.channel(SCHEMA),
        *outbox.columns(SCHEMA, [told] if told else []),
    )
    return {NoticeId(row["notice_id"]) for row in rows}


def _fate(row: LedgerRow | None) -> tuple[object, ...]:
    """What an attempt changes of a row, from `why` on. One by one: asyncpg is slow with arrays."""
    if row is None:
        return (None,) * 8
    entry, fate = row.entry, (row.due_at, row.revision, row.attempts)
    return entry.why, *fate, entry.silences, entry.refusals, row.answer, row.document


def after(row: LedgerRow, what: Next, now: datetime, said: str | None = None) -> LedgerRow:
    """Returns a notice's row as it is after an attempt to send it; `said`: the server's answer.

    Of what is told the revision is one more.
    """
    entry = replace(
        row.entry,
        state=what.state,
        why=what.why,
        silences=what.silences,
        refusals=what.refusals,
    )
    return replace(
        row,
        entry=entry,
        due_at=now + what.after,
        answer=said or row.answer,
        revision=row.revision + (what.state in TOLD),
    )


async def put_back(
    connection: Connection, notices: Collection[NoticeId], worker: int, now: datetime
) -> None:
    """Puts back notices that a worker claimed and has said nothing of: they are due as before."""
    await connection.execute(
        """
        UPDATE notify.ledger
        SET state = CASE WHEN silences > 0 THEN 'unknown' ELSE 'planned' END, worker = NULL,
            changed_at = $3
        WHERE state = 'attempting' AND abs(worker) = $2 AND notice_id IN (
            SELECT notice_id FROM notify.ledger WHERE notice_id = ANY ($1::uuid[])
            ORDER BY notice_id FOR UPDATE)
        """,
        list(notices),
        worker,
        now,
    )


async def lock_attempt(connection: Connection, notice: NoticeId) -> LedgerRow | None:
    """Reads the notice of an attempt, locked; `None` when its outcome was stored meanwhile."""
    row = await connection.fetchrow(
        """
        SELECT * FROM notify.ledger
        WHERE notice_id = $1 AND state IN ('attempting', 'unknown') FOR UPDATE
        """,
        notice,
    )
    found = [] if row is None else await readable(connection, [row])
    return found[0] if found else None


async def workers(connection: Connection) -> Sequence[int]:
    """Lists the numbers of workers that have something in hand now, according to the ledger."""
    rows = await connection.fetch(
        "SELECT DISTINCT abs(worker) AS worker FROM notify.ledger WHERE state = 'attempting'"
    )
    return [row["worker"] for row in rows if row["worker"] is not None]


async def left_by(connection: Connection, worker: int, now: datetime) -> Sequence[LedgerRow]:
    """Reads the notices that a crashed worker was sending, locked, and puts back what it claimed.

    Of what it claimed alone nothing was said to any server.
    """
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE state = 'attempting' AND abs(worker) = $1
        ORDER BY notice_id FOR UPDATE
        """,
        worker,
    )
    claimed = [NoticeId(row["notice_id"]) for row in rows if row["worker"] < 0]
    if claimed:
        await put_back(connection, claimed, worker, now)
    return await readable(connection, [row for row in rows if row["worker"] > 0])
