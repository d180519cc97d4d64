"""Which mails a process has in hand while it judges them, so that one that ends it is known.

Written before a mail is opened and forgotten when it is judged: what an earlier run of this
instance left here was in its hand when it died. Such a mail is judged alone from then on; at a
second death it is not opened any more (services/ingest/inbox.py quarantines it). A kill at a bad
moment counts like a crash: nobody can tell them apart, and quarantine loses nothing.

The notes are not flushed to the disk: they must outlive us, not the database.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import uuid4

from shared.database import Connection, Pool, transaction
from shared.errors import VaguemestreError
from shared.logs import Log

DEATHS = 2
"""At which a mail is not opened again."""

log = Log("in_hand")


class InHand:
    """The mails of one source that this process judges.

    `instance` is the process's name of shared/settings.py: without names all are taken for one.
    """

    def __init__(self, pool: Pool, source: str, instance: str | None = None) -> None:
        self._pool = pool
        self._source = source
        self._instance = instance or ""
        self._run = uuid4()

    async def suspects(self, uidvalidity: int) -> Mapping[int, int]:
        """UIDs that were in the hand of a process when it died, and how often.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with transaction(self._pool) as connection:
            await _delete_other_numbering(connection, self._source, uidvalidity)
            await connection.execute(
                """
                UPDATE ingest.judging SET deaths = deaths + 1, run = NULL
                WHERE source = $1 AND instance = $3 AND run <> $2
                """,
                self._source,
                self._run,
                self._instance,
            )
            rows = await connection.fetch(
                "SELECT uid, deaths FROM ingest.judging WHERE source = $1 AND deaths > 0",
                self._source,
            )
        if rows:
            log.warning(
                "in_hand_at_a_death",
                source=self._source,
                uids=[row["uid"] for row in rows][:100],
                deaths=max(row["deaths"] for row in rows),
            )
        return {row["uid"]: row["deaths"] for row in rows}

    async def take(self, uidvalidity: int, uids: Sequence[int]) -> None:
        """These are opened now.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with transaction(self._pool) as connection:
            await _soon(connection)
            await connection.execute(
                """
                INSERT INTO ingest.judging (source, uidvalidity, uid, run, instance)
                SELECT $1, $2, uid, $4, $5 FROM unnest($3::bigint[]) AS uid
                ON CONFLICT (source, uidvalidity, uid)
                DO UPDATE SET run = excluded.run, instance = excluded.instance
                """,
                self._source,
                uidvalidity,
                list(uids),
                self._run,
                self._instance,
            )

    async def judged(self) -> None:
        """All that was taken is judged: nothing ended us.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with transaction(self._pool) as connection:
            await _soon(connection)
            await connection.execute(
                "DELETE FROM ingest.judging WHERE source = $1 AND run = $2", self._source, self._run
            )

    async def put_down(self) -> None:
        """What was taken is left unjudged, by no fault of a mail: deaths stay as they were."""
        with suppress(VaguemestreError):
            async with transaction(self._pool) as connection:
                await connection.execute(
                    """
                    WITH unsuspected AS (
                        DELETE FROM ingest.judging WHERE source = $1 AND run = $2 AND deaths = 0)
                    UPDATE ingest.judging SET run = NULL
                    WHERE source = $1 AND run = $2 AND deaths > 0
                    """,
                    self._source,
                    self._run,
                )


async def _delete_other_numbering(connection: Connection, source: str, uidvalidity: int) -> None:
    await connection.execute(
        "DELETE FROM ingest.judging WHERE source = $1 AND uidvalidity <> $2", source, uidvalidity
    )


async def _soon(connection: Connection) -> None:
    await connection.execute("SET LOCAL synchronous_commit = off")


def alone(batches: Sequence[Sequence[int]], suspects: Mapping[int, int]) -> list[list[int]]:
    """The same UIDs in the same order, each suspect in a batch of its own."""
    parted: list[list[int]] = []
    for batch in batches:
        beside = False
        for uid in batch:
            if uid in suspects or not beside:
                parted.append([uid])
            else:
                parted[-1].append(uid)
            beside = uid not in suspects
    return parted
