"""What a worker asks of the ledger: what is due, and the plis that it is written from."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.domain.due import Urgency
from services.notify.store.ledger import LedgerRow, readable
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way
from shared.platform.database import Connection, Pool


async def due(
    connection: Connection,
    way: Way,
    now: datetime,
    least: Urgency = Urgency.AUTOMATIC,
    most: int = 1,
) -> Sequence[LedgerRow]:
    """Claims at most so many notices that are due, the most urgent first, and locks their rows.

    `least`: nothing less urgent is taken. A notice that is already locked is skipped; an unreadable
    row is set aside and left out.
    """
    found: Sequence[LedgerRow] = ()
    while not found and (
        rows := await connection.fetch(
            """
            SELECT * FROM notify.ledger
            WHERE state IN ('planned', 'unknown') AND way = $1 AND due_at <= $2 AND urgency <= $3
            ORDER BY urgency, due_at LIMIT $4 FOR UPDATE SKIP LOCKED
            """,
            way.value,
            now,
            least.value,
            most,
        )
    ):
        found = await readable(connection, rows)
    return found


async def next_plis(
    pool: Pool, way: Way, now: datetime, least: Urgency, most: int
) -> Sequence[Sequence[BlobKey]]:
    """Lists, for each of the next due notices, the keys of the plis that it is written from.

    At most so many notices, the most urgent first. Asked before a worker connects to the mail
    server. Nothing is locked: when its transaction begins, others may be the next, or another pli
    the one to answer.
    """
    rows = await pool.fetch(
        """
        SELECT array(SELECT fact->>'pli' FROM notify.facts
                     WHERE facts.item_id = due.item_id AND fact->>'pli' IS NOT NULL
                       AND (fact->>'type' IN ('ItemRegistered', 'SenderNoted')
                            OR event_id = due.ordered)) AS plis
        FROM (SELECT item_id, ordered FROM notify.ledger
              WHERE state IN ('planned', 'unknown') AND way = $1 AND due_at <= $2
                AND urgency <= $3
              ORDER BY urgency, due_at LIMIT $4) AS due
        """,
        way.value,
        now,
        least.value,
        most,
    )
    return [row["plis"] for row in rows]


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
