"""The UIDs of a mail folder against those that are kept: at each connection and each hour.

A server that numbers its mails anew (UIDVALIDITY) makes every place that is kept void; what a crash
left out, or left unmarked, is found by looking at every UID.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest import store
from services.ingest.mailbox import MailSource
from services.ingest.worker_thread import WorkerThread
from shared.platform.database import SOON, Connection, Pool, single_statements, transaction
from shared.platform.observability.logs import Log

A_DAY = timedelta(days=1)
"""IMAP's SINCE compares days in the server's own zone."""

_MARKS_AT_ONCE = 500

log = Log("mailbox")


@dataclass(frozen=True, slots=True)
class MailboxUids:
    """The record of which emails (UIDs) of one mail folder are stored.

    After a change of the folder's numbering (UIDVALIDITY) everything is read again.
    """

    name: str
    source: MailSource
    thread: WorkerThread
    pool: Pool

    async def begin(self, uidvalidity: int, since: Callable[[], datetime | None]) -> None:
        """Begins a session under this UIDVALIDITY; after a change of it all is read again.

        An email stored before is then known by its arrival's id. Where a folder is read for the
        first time, what came before `since` is passed over; `None`: nothing is.
        """
        async with transaction(self.pool) as connection:
            stand = await store.checkpoint(connection, self.name)
        if stand.uidvalidity == uidvalidity:
            return
        if stand.uidvalidity is not None:
            log.warning("uidvalidity_changed", source=self.name)
        passed_over = await self._passed_over(since())
        async with transaction(self.pool) as connection:
            await forget_places(connection, self.name, uidvalidity)
            await store.advance(connection, self.name, uidvalidity, passed_over)

    async def mark(self, uidvalidity: int, uids: Sequence[int]) -> None:
        """Marks stored emails on the mail server, then stores that they are marked.

        Raises MailFailure or TemporaryFailure: some may be left without their mark.
        """
        if not uids:
            return
        await self.thread.run(self.source.mark, uids)
        async with single_statements(self.pool) as connection:
            await set_marked(connection, self.name, uidvalidity, uids)

    async def mark_rest(self, uidvalidity: int, listed: AbstractSet[int]) -> None:
        """Marks, of the UIDs that the server listed, those that a crash left without their mark."""
        async with transaction(self.pool) as connection:
            left = await uids_to_mark(connection, self.name, uidvalidity)
        rest = [uid for uid in left if uid in listed]
        for start in range(0, len(rest), _MARKS_AT_ONCE):
            await self.mark(uidvalidity, rest[start : start + _MARKS_AT_ONCE])

    async def _passed_over(self, since: datetime | None) -> int:
        """The last UID below those that concern anybody."""
        if since is None:
            return 0
        young = await self.thread.run(self.source.uids_since, (since - A_DAY).date())
        if young:
            return min(young) - 1
        return max(await self.thread.run(self.source.uids), default=0)


async def forget_places(connection: Connection, source: str, uidvalidity: int) -> None:
    """Deletes the stored UIDs of a mailbox that are of another UIDVALIDITY than this one."""
    await connection.execute(
        "DELETE FROM ingest.places WHERE source = $1 AND uidvalidity <> $2", source, uidvalidity
    )
    await connection.execute(
        "DELETE FROM ingest.mails_apart WHERE source = $1 AND uidvalidity <> $2",
        source,
        uidvalidity,
    )


async def stored_uids(connection: Connection, source: str, uidvalidity: int) -> set[int]:
    """Returns the UIDs (IMAP numbers) of a mailbox whose emails are stored."""
    rows = await connection.fetch(
        "SELECT uid FROM ingest.places WHERE source = $1 AND uidvalidity = $2", source, uidvalidity
    )
    return {int(row["uid"]) for row in rows}


async def uids_to_mark(connection: Connection, source: str, uidvalidity: int) -> list[int]:
    """Lists the UIDs of stored emails that are not yet marked on the mail server."""
    rows = await connection.fetch(
        """
        SELECT uid FROM ingest.places WHERE source = $1 AND uidvalidity = $2 AND NOT marked
        ORDER BY uid
        """,
        source,
        uidvalidity,
    )
    return [int(row["uid"]) for row in rows]


async def set_marked(
    connection: Connection, source: str, uidvalidity: int, uids: Sequence[int]
) -> None:
    """Stores that these emails are marked on the mail server, in a single statement.

    Undone by a crash of the database it is done again: whatever has no mark is marked once more.
    """
    await connection.execute(
        f"""
        UPDATE ingest.places SET marked = true FROM {SOON}
        WHERE source = $1 AND uidvalidity = $2 AND uid = ANY($3::bigint[])
        """,  # noqa: S608  (ours)
        source,
        uidvalidity,
        list(uids),
    )
