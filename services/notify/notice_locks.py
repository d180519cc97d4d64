"""Locks on the notices whose mail a worker writes: no other writes it meanwhile.

Files are written between transactions (shared/content/files_first.py), when no row is locked: two
workers would keep a mail each for the notice that one of them sends. The lock is the worker's
session's, so that it goes with a worker that dies; whoever finds it taken passes on to the next.
"""

from contextlib import suppress
from datetime import datetime

import asyncpg

from services.notify.domain.due import Urgency
from services.notify.interruptions import LOCKS
from services.notify.store import claims
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import Way
from shared.platform.database import UNREACHABLE, Connection

NOTICES = LOCKS + 1
"""First half of these advisory locks."""


class NoticeLocks:
    """The notices that one worker writes now, locked for the others."""

    def __init__(self, session: Connection) -> None:
        """`session`: the worker's own connection, which holds the locks."""
        self._session = session
        self._taken = set[NoticeId]()

    async def due(
        self, connection: Connection, way: Way, now: datetime, least: Urgency
    ) -> LedgerRow | None:
        """Claims the notice in hand, else the most urgent one due that no other worker writes.

        `None`: none is due.
        """
        taken = list(self._taken)  # a mail that was written a moment ago is this notice's
        return await claims.due(connection, way, now, least, first=taken, take=self._take)

    async def _take(self, notice: NoticeId) -> bool:
        """Locks a notice without waiting; returns whether it is this worker's."""
        if notice not in self._taken:
            free = await self._session.fetchval(
                "SELECT pg_try_advisory_lock($1, hashtext($2))", NOTICES, str(notice)
            )
            if not free:
                return False
            self._taken.add(notice)
        return True

    async def release(self) -> None:
        """Unlocks all notices of the worker; a lost session has unlocked them itself."""
        with suppress(*UNREACHABLE, asyncpg.PostgresError):
            for notice in list(self._taken):
                await self._session.execute(
                    "SELECT pg_advisory_unlock($1, hashtext($2))", NOTICES, str(notice)
                )
                self._taken.discard(notice)
