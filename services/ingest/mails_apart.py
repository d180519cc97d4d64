"""Mails that any instance on a mailbox reads apart (slow_mails.py), as all of them know it.

The checkpoint is past such a mail: another instance that begins there does not see it, and would
say that the mailbox is read until now. A row stands here from before the checkpoint moves until the
mail has its place. Whoever wrote it may have died: after a quarter of an hour any instance looks
for the mail itself. A row says neither who nor what.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from services.ingest.in_hand import DEAD_AFTER
from shared.platform.database import Connection, Pool, transaction


@dataclass(frozen=True, slots=True)
class MailApart:
    """A mail that is read apart: when it may have come, and whether nobody may be reading it."""

    uid: int
    shown_after: datetime | None
    """Begin of the last pass that did not show it; `None`: nobody knows."""
    old: bool
    """It was set apart long ago: whoever did may be dead."""
    kept: bool
    """It has its place since."""


def read_until(until: datetime, apart: Iterable[MailApart]) -> datetime | None:
    """Returns until when a folder is read, of which all but these mails are read until `until`.

    `None` where nobody knows since when one of them was there.
    """
    for mail in apart:
        if mail.shown_after is None:
            return None
        until = min(until, mail.shown_after)
    return until


class MailsApart:
    """The list, in the database, of the mails of one folder that are read apart."""

    def __init__(self, pool: Pool, source: str) -> None:
        self._pool = pool
        self._source = source

    async def add(
        self, uidvalidity: int, uids: Sequence[int], shown_after: datetime | None
    ) -> None:
        """Stores that mails are read apart; call it before the checkpoint passes them.

        Those that another instance has apart stay as it said. Raises TemporaryFailure.
        """
        if not uids:
            return
        async with transaction(self._pool) as connection:
            await connection.execute(
                """
                INSERT INTO ingest.mails_apart (source, uidvalidity, uid, shown_after)
                SELECT $1, $2, uid, $4 FROM unnest($3::bigint[]) AS uid ORDER BY uid
                ON CONFLICT DO NOTHING
                """,
                self._source,
                uidvalidity,
                list(uids),
                shown_after,
            )

    async def read(self, connection: Connection, uidvalidity: int) -> Sequence[MailApart]:
        """Returns the mails that are apart under this UIDVALIDITY, in the caller's transaction."""
        rows = await connection.fetch(
            """
            SELECT uid, shown_after, set_at < clock_timestamp() - $3::interval AS old,
                   EXISTS (SELECT FROM ingest.places AS p
                           WHERE (p.source, p.uidvalidity, p.uid)
                               = (a.source, a.uidvalidity, a.uid)) AS kept
            FROM ingest.mails_apart AS a WHERE source = $1 AND uidvalidity = $2 ORDER BY uid
            """,
            self._source,
            uidvalidity,
            DEAD_AFTER,
        )
        return [MailApart(**row) for row in rows]

    async def read_unkept(self, uidvalidity: int) -> Sequence[MailApart]:
        """Returns the mails that are apart and not kept yet; removes the others.

        Raises TemporaryFailure.
        """
        async with transaction(self._pool) as connection:
            found = await self.read(connection, uidvalidity)
        await self.remove(uidvalidity, {mail.uid for mail in found if mail.kept})
        return [mail for mail in found if not mail.kept]

    async def remove(self, uidvalidity: int, uids: AbstractSet[int]) -> None:
        """Removes mails that are kept, or that the server has no more. Raises TemporaryFailure."""
        if not uids:
            return
        async with transaction(self._pool) as connection:
            await connection.execute(
                """
                WITH held AS MATERIALIZED (
                    SELECT uid FROM ingest.mails_apart
                    WHERE source = $1 AND uidvalidity = $2 AND uid = ANY($3::bigint[])
                    ORDER BY uid FOR UPDATE)
                DELETE FROM ingest.mails_apart AS row USING held
                WHERE row.source = $1 AND row.uidvalidity = $2 AND row.uid = held.uid
                """,
                self._source,
                uidvalidity,
                list(uids),
            )
