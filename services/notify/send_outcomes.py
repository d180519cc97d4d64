"""What becomes of a notice by the server's answer to its mail: its row, and the fact of it.

The answer and the attempt of the next mail on the connection are one statement and one commit.
"""

from datetime import datetime

from services.notify.domain.ledger import TOLD, Accepted, SmtpAnswer, next_after
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.mail_composition import ReadyMail
from services.notify.notice_facts import tell
from services.notify.store import attempts
from services.notify.store.ledger import LedgerRow
from shared.content.mime import message_digest
from shared.platform.database import Connection, Pool, single_statements, transaction


async def begin(
    connection: Connection, mail: ReadyMail, worker: int, now: datetime, *, own: bool = False
) -> bool:
    """Stores a worker's attempt to send a mail that it claimed; to be committed before DATA.

    Returns False, and stores nothing, when the notice is its own no more or its session is lost;
    `own`: the connection is that of its session.
    """
    return bool(await attempts.move(connection, None, mail.row, worker, now, own=own))


async def settle(
    pool: Pool,
    mail: ReadyMail,
    answer: SmtpAnswer,
    following: ReadyMail | None,
    worker: int,
    now: datetime,
    own: "Connection | None" = None,
) -> tuple[LedgerRow | None, bool]:
    """Stores the outcome of a worker's attempt with its fact in the outbox, and begins the next.

    `own`: the connection of the worker's session; `None`: any of the pool.

    Returns the row as it is then, and whether the attempt of `following` was begun. `None`: its
    outcome was stored meanwhile, or the notice is another worker's by now: only that the server
    took the mail is said of it then. Raises TemporaryFailure.
    """
    decided = _decided(mail.row, mail, answer, now)
    next_one = None if following is None else following.row
    async with single_statements(pool, own) as connection:
        moved = await attempts.move(
            connection, decided.row, next_one, worker, now, decided.fact, own=own is not None
        )
    begun = next_one is not None and next_one.entry.notice_id in moved
    if decided.row.entry.notice_id in moved:
        return decided.row, begun
    async with transaction(pool) as connection:
        found = await attempts.lock_attempt(connection, mail.row.entry.notice_id)
        if found is None or not isinstance(answer, Accepted):
            return None, begun
        decided = _decided(found, mail, answer, now)
        await write(connection, [decided], now)
    return decided.row, begun


def _decided(row: LedgerRow, mail: ReadyMail, answer: SmtpAnswer, now: datetime) -> LedgerDecision:
    said = answer.said if isinstance(answer, Accepted) else None
    after = attempts.after(row, next_after(row.entry, answer), now, said)
    if after.entry.state not in TOLD:
        return LedgerDecision(after, None)
    return LedgerDecision(after, tell(after, now, message=message_digest(mail.message_id)))
