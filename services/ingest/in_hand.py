"""Which mails and uploads a process has in hand while it judges them: one that ends it is known.

Written before a mail is opened and forgotten when it is judged: what an earlier run of this
instance left here was in its hand when it died, and so was what another instance has not touched
for long. Such a mail is judged alone from then on; at a second death, whoever died, it is not
opened any more (services/ingest/inbox_reader.py quarantines it). A kill at a bad moment counts like
a crash: nobody can tell them apart, and quarantine loses nothing.

The notes are not flushed to the disk: they must outlive us, not the database. Rows are locked in
the order of their key: several instances write them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import uuid4

from shared.errors import PermanentFailure, VaguemestreError
from shared.platform.database import SOON, Pool, single_statements, transaction
from shared.platform.observability.logs import Log

DEATHS = 2
"""At which a mail is not opened again."""
TOUCH_SECONDS = 60.0
DEAD_AFTER = timedelta(minutes=15)
"""An instance that touched what it has in hand so long ago is dead, and may never come back."""

log = Log("in_hand")


class InHand:
    """The record, in the database, of the mails and uploads that this process is opening now.

    By it a mail that crashes the process is known. `instance` is the process's name of
    shared/platform/settings.py; without names all processes count as one.
    """

    def __init__(self, pool: Pool, source: str, instance: str | None = None) -> None:
        self._pool = pool
        self._source = source
        self._instance = instance or ""
        self._run = uuid4()

    async def suspects(self, uidvalidity: int) -> Mapping[int, int]:
        """Updates the counts of processes that died while opening an email; returns them by UID.

        One more is counted for what an earlier run of this instance had in hand, and for what
        another has not touched for `DEAD_AFTER`. Those of another UIDVALIDITY are deleted.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with transaction(self._pool) as connection:
            await connection.execute(
                """
                SELECT FROM ingest.in_hand WHERE source = $1
                ORDER BY uidvalidity, uid, instance FOR UPDATE
                """,
                self._source,
            )
            await connection.execute(
                "DELETE FROM ingest.in_hand WHERE source = $1 AND uidvalidity <> $2",
                self._source,
                uidvalidity,
            )
            await connection.execute(
                """
                UPDATE ingest.in_hand SET deaths = deaths + 1, run = NULL
                WHERE source = $1 AND run <> $2
                  AND (instance = $3 OR touched_at < clock_timestamp() - $4::interval)
                """,
                self._source,
                self._run,
                self._instance,
                DEAD_AFTER,
            )
            rows = await connection.fetch(
                """
                SELECT uid, sum(deaths)::integer AS deaths FROM ingest.in_hand
                WHERE source = $1 AND deaths > 0 GROUP BY uid
                """,
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
        """Stores that these emails are about to be opened.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with single_statements(self._pool) as connection:
            await connection.execute(
                f"""
                INSERT INTO ingest.in_hand (source, uidvalidity, uid, instance, run, touched_at)
                SELECT $1, $2, uid, $5, $4, clock_timestamp()
                FROM unnest($3::bigint[]) AS uid, {SOON}
                ON CONFLICT (source, uidvalidity, uid, instance)
                DO UPDATE SET run = excluded.run, touched_at = excluded.touched_at
                """,  # noqa: S608  (ours)
                self._source,
                uidvalidity,
                sorted(uids),
                self._run,
                self._instance,
            )

    @asynccontextmanager
    async def opening(self, uidvalidity: int, uid: int, deaths: int) -> AsyncIterator[int]:
        """A context manager: stores that an email is being opened, and removes that at the end.

        So only a crash leaves the entry there. Gives `deaths`, the crashes counted before. With
        `DEATHS` of them the mail is not to be opened any more: nothing is stored, and its entry
        stays until the caller has stored the arrival and calls `judged`. An error that is not
        permanent leaves the entry of a mail with crashes, and their number.

        Raises:
            TemporaryFailure: the database is away.
        """
        if deaths >= DEATHS:
            yield deaths
            return
        await self.take(uidvalidity, [uid])
        try:
            async with self.touching():
                yield deaths
        except PermanentFailure:
            await self.forget(uidvalidity, [uid])
            raise
        except BaseException:
            await self.put_down()
            raise
        await self.forget(uidvalidity, [uid])

    @asynccontextmanager
    async def holding(self, uidvalidity: int, uids: Sequence[int]) -> AsyncIterator[None]:
        """A context manager: stores that emails are being opened, and renews that until its end.

        The entries stay; `forget`, `set_apart` or `put_down` removes them.

        Raises:
            TemporaryFailure: the database is away.
        """
        await self.take(uidvalidity, uids)
        async with self.touching():
            yield

    @asynccontextmanager
    async def touching(self) -> AsyncIterator[None]:
        """A context manager that renews this process's entries, so that others see it alive."""
        touching = asyncio.create_task(self._touch())
        try:
            yield
        finally:
            touching.cancel()
            await asyncio.gather(touching, return_exceptions=True)

    async def _touch(self) -> None:
        while True:
            await asyncio.sleep(TOUCH_SECONDS)
            with suppress(VaguemestreError):
                async with single_statements(self._pool) as connection:
                    await connection.execute(
                        f"""
                        WITH held AS MATERIALIZED (
                            SELECT uidvalidity, uid, instance FROM ingest.in_hand
                            WHERE source = $1 AND run = $2
                            ORDER BY uidvalidity, uid, instance FOR UPDATE)
                        UPDATE ingest.in_hand AS row SET touched_at = clock_timestamp()
                        FROM held, {SOON}
                        WHERE row.source = $1 AND (row.uidvalidity, row.uid, row.instance)
                            = (held.uidvalidity, held.uid, held.instance)
                        """,  # noqa: S608  (ours)
                        self._source,
                        self._run,
                    )

    async def forget(self, uidvalidity: int, uids: Sequence[int]) -> None:
        """Removes every entry of these emails, counts of crashes included: they were judged.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with single_statements(self._pool) as connection:
            await connection.execute(
                f"""
                WITH held AS MATERIALIZED (
                    SELECT uid, instance FROM ingest.in_hand
                    WHERE source = $1 AND uidvalidity = $2 AND uid = ANY($3::bigint[])
                    ORDER BY uid, instance FOR UPDATE)
                DELETE FROM ingest.in_hand AS row USING held, {SOON}
                WHERE row.source = $1 AND row.uidvalidity = $2
                  AND (row.uid, row.instance) = (held.uid, held.instance)
                """,  # noqa: S608  (ours)
                self._source,
                uidvalidity,
                list(uids),
            )

    async def put_down(self, besides: Sequence[int] = ()) -> None:
        """Removes this process's entries; those with counted crashes stay, but as nobody's.

        `besides`: UIDs of emails that are still being opened, whose entries stay as they are.
        """
        await self._put_down(besides=besides)

    async def set_apart(self, uids: Sequence[int]) -> None:
        """Removes this process's entries of emails that will be opened later, as `put_down`.

        A crash before they are taken again says nothing of them.
        """
        if uids:
            await self._put_down(only=uids)

    async def _put_down(
        self, *, besides: Sequence[int] = (), only: Sequence[int] | None = None
    ) -> None:
        held = (self._source, self._run, list(besides), None if only is None else list(only))
        with suppress(VaguemestreError):
            async with transaction(self._pool) as connection:
                await connection.execute(
                    """
                    SELECT FROM ingest.in_hand
                    WHERE source = $1 AND run = $2 AND uid <> ALL($3::bigint[])
                      AND ($4::bigint[] IS NULL OR uid = ANY($4))
                    ORDER BY uidvalidity, uid, instance FOR UPDATE
                    """,
                    *held,
                )
                await connection.execute(
                    """
                    DELETE FROM ingest.in_hand
                    WHERE source = $1 AND run = $2 AND uid <> ALL($3::bigint[])
                      AND ($4::bigint[] IS NULL OR uid = ANY($4)) AND deaths = 0
                    """,
                    *held,
                )
                await connection.execute(
                    """
                    UPDATE ingest.in_hand SET run = NULL
                    WHERE source = $1 AND run = $2 AND uid <> ALL($3::bigint[])
                      AND ($4::bigint[] IS NULL OR uid = ANY($4))
                    """,
                    *held,
                )


def alone(batches: Sequence[Sequence[int]], suspects: Mapping[int, int]) -> list[list[int]]:
    """Splits batches of UIDs so that each suspect one is in a batch of its own; the order stays."""
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
