"""The session of a worker that lets notices leave: its lock, its connections, its pace.

A worker holds a session lock while it lives; an attempt whose worker's lock is free was cut short
by a crash, and whoever finds it makes it *unknown* (DESIGN, law 5). No timer decides about that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

import asyncpg
from pydantic import SecretStr

from services.notify.interruptions import LOCKS, recover
from services.notify.lanes import ORDINARY, Lane
from services.notify.ledger_decisions import LedgerDecision
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.mailer import Mailer
from services.notify.metrics import NotifyMetrics
from services.notify.notice_locks import NoticeLocks
from services.notify.store import CHANNEL, pace
from services.notify.store.ledger import LedgerRow
from shared.errors import TemporaryFailure
from shared.platform.backoff import pause_or
from shared.platform.clock import Clock, rest
from shared.platform.database import UNREACHABLE, Connection, Pool, connect_alone
from shared.platform.jobs import unless
from shared.platform.observability.health import State as Health
from shared.platform.observability.health import Unwell, Well
from shared.platform.observability.logs import Log
from shared.site.applied_rules import AppliedRules

POLL = timedelta(seconds=5)
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

log = Log("sender")

Write = Callable[
    [Connection, LedgerRow, MailSigning, datetime], Awaitable[ReadyMail | LedgerDecision]
]
"""What makes of a due row a mail, or something else to be written in its stead."""


@dataclass(frozen=True, slots=True)
class SenderDeps:
    """The dependencies of a sending worker: database, clock, rules, keys, metrics."""

    pool: Pool
    url: SecretStr
    clock: Clock
    rules: AppliedRules
    ink: MailSigning
    write: Write
    voice: NotifyMetrics
    stopping: asyncio.Event


class SenderSession:
    """A worker's session: its lock, its connections and its pace; what it sends is sender.py's."""

    def __init__(self, desk: SenderDeps, mailer: Mailer, lane: Lane = ORDINARY) -> None:
        self._desk = desk
        self._mailer = mailer
        self._lane = lane
        self._worker = SystemRandom().randrange(1, 2**31)
        self._wake = asyncio.Event()
        self._away: str | None = None

    async def health(self) -> Health:
        """Returns the worker's health: whether the SMTP server accepted its last connection."""
        return Unwell(self._away) if self._away else Well()

    async def _session(self) -> None:
        connection = await connect_alone(self._desk.url, "notify sender")
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        connection.add_termination_listener(lambda _: self._wake.set())
        try:
            self._worker = SystemRandom().randrange(1, 2**31)
            await connection.execute("SELECT pg_advisory_lock($1, $2)", LOCKS, self._worker)
            locks = NoticeLocks(connection)
            await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
            while not (self._desk.stopping.is_set() or lost.is_set()):
                self._wake.clear()
                await recover(self._desk.pool, self._worker, self._desk.clock.now())
                # Without the lock of its session another worker would take its attempts for cut.
                while not lost.is_set() and await self._one(locks):
                    pass
                await self._rest()
        except (*UNREACHABLE, asyncpg.PostgresError) as error:
            raise TemporaryFailure("PostgreSQL closed the session of a sender.") from error
        finally:
            connection.terminate()

    async def _rest(self, longest: timedelta = POLL) -> None:
        """Until something is planned, the story moves, the end is asked for, or `longest`."""
        await rest(self._desk.clock, longest, self._wake, self._desk.stopping)

    async def _one(self, locks: NoticeLocks) -> bool:
        """Lets one notice leave; whether there may be another."""
        raise NotImplementedError

    async def _connected(self) -> bool:
        """Whether the server lets us in: if not, nothing is claimed and nothing is an attempt."""
        for pause in (*PAUSES, PAUSES[-1]):
            try:
                await unless(self._desk.stopping, self._mailer.connect())
            except TemporaryFailure as failure:
                self._away = str(failure)
                log.warning("smtp_away", why=str(failure), again_in_seconds=pause)
                await pause_or(self._desk.stopping, pause)
                if self._desk.stopping.is_set():
                    return False
            else:
                self._away = None
                return not self._desk.stopping.is_set()
        return False

    async def _paced(self) -> None:
        """Keeps to the site's rate: its server is shared with the rest of the préfecture."""
        rate = self._desk.rules.applied.site.notices.outgoing_per_minute
        wait = await pace.turn(self._desk.pool, self._lane.name, self._lane.every(rate))
        if wait:
            await pause_or(self._desk.stopping, wait.total_seconds())
