"""Attempts to send that a crash cut short: whoever finds them makes them *unknown* (DESIGN, law 5).

A worker holds a session lock while it lives; an attempt whose worker's lock is free was cut short.
No timer decides about that.
"""

from datetime import datetime

from services.notify.domain.ledger import TOLD, after_silence
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.notice_facts import tell
from services.notify.store import attempts
from services.notify.store.attempts import LOCKS
from services.notify.store.ledger import LedgerRow
from shared.platform.database import Connection, Pool, transaction
from shared.platform.observability.logs import Log

log = Log("sender")


async def recover(pool: Pool, own: int, now: datetime) -> None:
    """Marks the notices that crashed workers were sending as *unknown*: sent or not.

    What they had claimed only, and said nothing of to any server, is due again.

    `own`: the number of the worker that calls, whose notices stay.
    """
    async with transaction(pool) as connection:
        for worker in await attempts.workers(connection):
            free = worker != own and await connection.fetchval(
                "SELECT pg_try_advisory_xact_lock($1, $2)", LOCKS, worker
            )
            for row in await attempts.left_by(connection, worker, now) if free else ():
                await _cut_short(connection, row, now)


async def _cut_short(connection: Connection, row: LedgerRow, now: datetime) -> None:
    what = after_silence(row.entry.silences, row.entry.refusals)
    after = attempts.after(row, what, now)
    fact = tell(after, now) if after.entry.state in TOLD else None
    await write(connection, [LedgerDecision(after, fact)], now)
    log.warning("attempt_cut_short", id=str(row.entry.notice_id), state=after.entry.state)
