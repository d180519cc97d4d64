"""What the register kept only in case: forgotten when nothing came of it.

A message in Sent that answers no item leaves no trace (docs/domain.md §6): its pseudonyms, and its
octets where it went to somebody who wrote to us, wait for a letter that is registered after its
reply, and not longer. So do references to unknown messages.
"""

from datetime import datetime, timedelta

from services.desk.accounts.store import sessions
from services.desk.jobs import JobContext
from services.desk.store import (
    counter_deposits,
    diary_addresses,
    erasures,
    list_views,
    queue_claims,
    replies,
    reply_writers,
)
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, every

WAIT = timedelta(days=35)
"""Longer than a topic keeps its records: what comes back from there still finds its partner."""
EACH_SECONDS = 3600.0


async def forget(connection: Connection, now: datetime) -> None:
    """Purges rows no longer needed: unmatched replies, old imports, sessions, claims, feeds.

    Also the saved views of people who left, what messages were waited for, and old deposits at the
    counter. The blobs of replies are scheduled for deletion.
    """
    unanswered = await replies.forget(connection, now - WAIT)
    folders = map(erasures.folder, unanswered)
    await erasures.condemn_folders(connection, folders, "set_aside", now)
    await connection.execute("DELETE FROM desk.wanted WHERE since < $1", now - WAIT)
    await connection.execute(
        "DELETE FROM desk.imports WHERE taken_at IS NULL AND at < $1", now - WAIT
    )
    await connection.execute(
        """
        UPDATE desk.imports SET refused = NULL WHERE taken_at < $1 AND refused IS NOT NULL
        """,
        now - WAIT,
    )
    await sessions.forget(connection)
    await queue_claims.forget(connection)
    await reply_writers.forget(connection)
    await list_views.forget(connection, now)
    await diary_addresses.forget(connection, now)
    await counter_deposits.forget(connection, now)


def forgets(parts: JobContext) -> Job:
    """Makes the background job that purges the register's old rows once an hour."""

    async def forget_now() -> None:
        async with transaction(parts.pool) as connection:
            await forget(connection, sure(parts.clock))

    return every(EACH_SECONDS, forget_now, parts.stopping)
