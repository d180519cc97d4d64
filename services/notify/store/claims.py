"""What a worker asks of the ledger: what is due, what it attempts, what a dead one left behind."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import date, datetime

from services.notify.domain.due import Urgency
from services.notify.store.ledger import LedgerRow, readable
from shared.facts.envelope import BlobKey, NoticeId
from shared.facts.vocabulary import Way
from shared.platform.database import Connection, Pool


async def due(
    connection: Connection,
    way: Way,
    now: datetime,
    least: Urgency = Urgency.AUTOMATIC,
    *,
    first: Collection[NoticeId] = (),
    take: Callable[[NoticeId], Awaitable[bool]] | None = None,
) -> LedgerRow | None:
    """Claims the most urgent notice that is due, and locks its row; `None`: none is due.

    `least`: nothing less urgent is taken. `first`: these are tried before more urgent ones. `take`:
    asked before a row is locked; a notice that it declines is skipped, as is one already locked.
    """
    passed = set[NoticeId]()
    while notice := next((mine for mine in first if mine not in passed), None) or await _next_due(
        connection, way, now, least, passed
    ):
        passed.add(notice)
        if take is None or await take(notice):
            row = await connection.fetchrow(
                """
                SELECT * FROM notify.ledger
                WHERE notice_id = $1 AND state IN ('planned', 'unknown') AND due_at <= $2
                FOR UPDATE SKIP LOCKED
                """,
                notice,
                now,
            )
            if row is not None and (found := await readable(connection, [row])):
                return found[0]
    return None


async def _next_due(
    connection: Connection, way: Way, now: datetime, least: Urgency, passed: Collection[NoticeId]
) -> NoticeId | None:
    notice: NoticeId | None = await connection.fetchval(
        """
        SELECT notice_id FROM notify.ledger
        WHERE state IN ('planned', 'unknown') AND way = $1 AND due_at <= $2 AND urgency <= $3
          AND notice_id <> ALL ($4::uuid[])
        ORDER BY urgency, due_at LIMIT 1
        """,
        way.value,
        now,
        least.value,
        list(passed),
    )
    return notice


async def next_plis(
    pool: Pool, way: Way, now: datetime, least: Urgency
) -> Sequence[BlobKey] | None:
    """Returns the keys of the plis that the next due notice is written from; `None`: none is due.

    Asked before a worker connects to the mail server. Nothing is locked: when its transaction
    begins, another notice may be the next, or another pli the one to answer.
    """
    keys: Sequence[BlobKey] | None = await pool.fetchval(
        """
        SELECT array(SELECT fact->>'pli' FROM notify.facts
                     WHERE facts.item_id = due.item_id AND fact->>'pli' IS NOT NULL
                       AND (fact->>'type' IN ('ItemRegistered', 'SenderNoted')
                            OR event_id = due.ordered))
        FROM (SELECT item_id, ordered FROM notify.ledger
              WHERE state IN ('planned', 'unknown') AND way = $1 AND due_at <= $2
                AND urgency <= $3
              ORDER BY urgency, due_at LIMIT 1) AS due
        """,
        way.value,
        now,
        least.value,
    )
    return keys


async def oldest(connection: Connection, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Returns since when the oldest waiting email and the oldest unsent notice of danger are due.

    `None`: none waits. Among notices of danger, held ones are included.
    """
    row = await connection.fetchrow(
        """
        SELECT (SELECT min(due_at) FROM notify.ledger
                WHERE state IN ('planned', 'unknown') AND way = 'mail' AND due_at <= $1) AS mail,
               (SELECT min(due_at) FROM notify.ledger
                WHERE urgency = 0 AND state IN ('planned', 'unknown', 'attempting', 'held')
                  AND due_at <= $1 AND why IS DISTINCT FROM 'not_live') AS danger
        """,
        now,
    )
    assert row is not None  # noqa: S101  (a row of two answers)
    return row["mail"], row["danger"]


async def attempt(
    connection: Connection,
    row: LedgerRow,
    worker: int,
    told_on: date | None,
    now: datetime,
) -> None:
    """Stores a worker's attempt to send a notice; committed before DATA (DESIGN, law 5)."""
    await connection.execute(
        """
        UPDATE notify.ledger
        SET state = 'attempting', worker = $2, attempts = attempts + 1, told_on = $3,
            told_at = CASE WHEN $3::date IS NULL THEN NULL ELSE $6::timestamptz END,
            document = $4, address = $5, mailbox = $7, domain = $8, changed_at = $6
        WHERE notice_id = $1
        """,
        row.entry.notice_id,
        worker,
        told_on,
        row.document,
        row.address,
        now,
        row.mailbox,
        row.domain,
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
    """Lists the workers that are sending something now, according to the ledger."""
    rows = await connection.fetch(
        "SELECT DISTINCT worker FROM notify.ledger WHERE state = 'attempting'"
    )
    return [row["worker"] for row in rows]


async def left_by(connection: Connection, worker: int) -> Sequence[LedgerRow]:
    """Reads the notices that a crashed worker was sending, locked."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE state = 'attempting' AND worker = $1
        ORDER BY notice_id FOR UPDATE
        """,
        worker,
    )
    return await readable(connection, rows)
