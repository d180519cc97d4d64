"""The ledger of passes: until when sources were read, of several in one transaction.

A minute that is over, or a story that moves, has every source read at once. Whoever ends a pass
writes down with its own what the others have ended while it waited for its turn: one commit, one
word to the relay and one record batch, not one of each for every source.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest.arrival_writer import SCHEMA
from services.ingest.observation_facts import source_read
from shared.facts.envelope import ServiceId
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox

ENDED = """
    INSERT INTO ingest.checkpoints (source, read_until, told_until)
    SELECT source, read_until, CASE WHEN told THEN read_until END
    FROM unnest($1::text[], $2::timestamptz[], $3::boolean[]) AS ended (source, read_until, told)
    ORDER BY source
    ON CONFLICT (source) DO UPDATE
    SET read_until = excluded.read_until,
        told_until = coalesce(excluded.told_until, checkpoints.told_until)
"""
"""Locks the sources in the order of their names."""


@dataclass(frozen=True, slots=True, eq=False)
class EndedPass:
    """A complete pass over a source (mailbox, folder): when it began, and whether to publish it."""

    source: str
    service: ServiceId | None
    until: datetime
    told: bool


class PassLedger:
    """The writer that stores and publishes complete passes; all sources of a process share it."""

    def __init__(self, site: str, pool: Pool, clock: Clock) -> None:
        self._site = site
        self._pool = pool
        self._clock = clock
        self._turn = asyncio.Lock()
        self._ended: list[EndedPass] = []

    async def end(self, ended: EndedPass) -> None:
        """Stores the end of a pass, and publishes it where that is asked; returns once committed.

        Raises TemporaryFailure: it was not committed. Passes of other sources that ended at the
        same time are then stored by their own calls.
        """
        self._ended.append(ended)
        try:
            async with self._turn:
                if ended in self._ended:  # nobody wrote it down meanwhile
                    together = tuple(self._ended)
                    await self._write(together)
                    self._ended = [later for later in self._ended if later not in together]
        finally:
            if ended in self._ended:
                self._ended.remove(ended)

    async def _write(self, together: Sequence[EndedPass]) -> None:
        now = self._clock.now()
        facts = [
            source_read(self._site, ended.source, ended.service, ended.until, now)
            for ended in together
            if ended.told
        ]
        async with transaction(self._pool) as connection:
            await connection.execute(
                ENDED,
                [ended.source for ended in together],
                [ended.until for ended in together],
                [ended.told for ended in together],
            )
            await outbox.put(connection, SCHEMA, facts)
