"""The session of a worker that lets notices leave: lock, connections, pace, batch after batch.

A worker holds a session lock while it lives; an attempt whose worker's lock is free was cut short
by a crash, and whoever finds it makes it *unknown* (DESIGN, law 5). No timer decides about that.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom
from typing import TypeAlias

import asyncpg
from pydantic import SecretStr

from services.notify.interruptions import recover
from services.notify.lanes import MOST, ORDINARY, Lane
from services.notify.mail_batch import Write, WrittenNotice
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.mailer import Mailer
from services.notify.metrics import NotifyMetrics
from services.notify.send_outcomes import begin
from services.notify.store import CHANNEL, attempts, claims, pace
from services.notify.store.attempts import LOCKS
from services.notify.store.ledger import LedgerRow
from services.notify.turns import ComposingTurns
from shared.content.blobs import Blobs
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way
from shared.platform.backoff import pause_or
from shared.platform.clock import Clock, rest, sure
from shared.platform.database import (
    UNREACHABLE,
    Connection,
    Pool,
    connect_alone,
    single_statements,
    transaction,
)
from shared.platform.jobs import unless
from shared.platform.observability.health import State as Health
from shared.platform.observability.health import Unwell, Well
from shared.platform.observability.logs import Log
from shared.site.applied_rules import AppliedRules

POLL = timedelta(seconds=5)
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

Plis: TypeAlias = Sequence[Sequence[BlobKey]]
"""Of each notice that is due, the plis that it will probably ask for."""

log = Log("sender")


@dataclass(frozen=True, slots=True)
class SenderDeps:
    """The dependencies of a sending worker: database, clock, rules, keys, metrics."""

    pool: Pool
    url: SecretStr
    clock: Clock
    rules: AppliedRules
    ink: MailSigning
    originals: Blobs
    """Where what left is kept."""
    write: Write
    voice: NotifyMetrics
    stopping: asyncio.Event


@dataclass(frozen=True, slots=True)
class ClaimedMails:
    """Mails that a worker has in hand, in the order in which they leave."""

    mails: Sequence[ReadyMail] = ()
    found: bool = True
    """Whether any notice was due: there may be more."""
    judged: float = field(default_factory=time.monotonic)
    """When that was, by `time.monotonic`."""


class SenderSession:
    """A worker's session: its lock, its connections and its pace; what it sends is sender.py's."""

    def __init__(self, desk: SenderDeps, mailer: Mailer, lane: Lane = ORDINARY) -> None:
        self._desk = desk
        self._mailer = mailer
        self._lane = lane
        self._worker = SystemRandom().randrange(1, 2**31)
        self._wake = asyncio.Event()
        self._away: str | None = None
        self._lost = asyncio.Event()
        """The session's connection has ended, and its locks with it."""
        self._connection: Connection | None = None
        self._turns = ComposingTurns()

    async def health(self) -> Health:
        """Returns the worker's health: whether the SMTP server accepted its last connection."""
        return Unwell(self._away) if self._away else Well()

    async def _session(self) -> None:
        self._connection = connection = await connect_alone(self._desk.url, "notify sender")
        self._lost = lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        connection.add_termination_listener(lambda _: self._wake.set())
        try:
            self._worker = SystemRandom().randrange(1, 2**31)
            await connection.execute("SELECT pg_advisory_lock($1, $2)", LOCKS, self._worker)
            # The version before takes what is claimed and not begun for attempts of another worker.
            await connection.execute("SELECT pg_advisory_lock($1, -$2::int)", LOCKS, self._worker)
            await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
            while not (self._desk.stopping.is_set() or lost.is_set()):
                self._wake.clear()
                await recover(self._desk.pool, self._worker, self._desk.clock.now())
                # Without the lock of its session another worker would take its attempts for cut.
                while not lost.is_set() and await self._some():
                    pass
                await self._rest()
        except (*UNREACHABLE, asyncpg.PostgresError) as error:
            raise TemporaryFailure("PostgreSQL closed the session of a sender.") from error
        finally:
            connection.terminate()

    async def _rest(self, longest: timedelta = POLL) -> None:
        """Until something is planned, the story moves, the end is asked for, or `longest`."""
        await rest(self._desk.clock, longest, self._wake, self._desk.stopping)

    async def _some(self) -> bool:
        """Lets the next notices leave, batch after batch; whether there may be more."""
        if self._desk.stopping.is_set() or not (needed := await self._next_plis()):
            return False
        if not await self._connected():
            return False
        batch = await self._claim(needed)
        while batch.mails:
            batch = await self._leave(batch)
        return batch.found

    async def _leave(self, batch: ClaimedMails) -> ClaimedMails:
        """Hands over what was claimed, and meanwhile claims what leaves next, if it may."""
        ahead = asyncio.ensure_future(self._ahead(batch))
        went_on = False
        try:
            went_on = await self._hand_over(batch)
        finally:
            self._turns.end()
            following = await ahead
            if not went_on:
                await self._put_back(following.mails)
        return following if went_on else ClaimedMails(found=batch.found)

    async def _ahead(self, batch: ClaimedMails) -> ClaimedMails:
        """Claims the batch after this one, where the site's rate lets as many leave as fit one."""
        if len(batch.mails) < MOST or not (needed := await self._next_plis()):
            return ClaimedMails(found=batch.found)
        return await self._claim(needed, ahead=True)

    async def _write_in_turn(
        self, connection: Connection, rows: Sequence[LedgerRow], ink: MailSigning, now: datetime
    ) -> AsyncIterator[WrittenNotice]:
        async for made in self._desk.write(connection, rows, ink, now):
            yield made
            await self._turns.take()

    async def _next_plis(self) -> Plis:
        now, most = sure(self._desk.clock), self._lane.at_once(self._rate)
        return await claims.next_plis(self._desk.pool, Way.MAIL, now, self._lane.least, most)

    async def _claim(self, needed: Plis, *, ahead: bool = False) -> ClaimedMails:
        """Takes the notices whose turn it is, and commits that it did."""
        raise NotImplementedError

    async def _kept(self, batch: ClaimedMails) -> ClaimedMails:
        """Keeps the octets of what was claimed, maybe while others leave; else puts it back.

        Raises TemporaryFailure.
        """
        try:
            if kept := [mail.kept for mail in batch.mails if mail.kept]:
                await self._desk.originals.put_many(kept)
        except BaseException:
            await self._put_back(batch.mails)
            raise
        return batch

    async def _hand_over(self, batch: ClaimedMails) -> bool:
        """Hands over what was claimed; whether all, on a connection that may be used on."""
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

    @property
    def _rate(self) -> int:
        return self._desk.rules.applied.site.notices.outgoing_per_minute

    async def _paced(self, count: int) -> None:
        """Keeps to the site's rate: its server is shared with the rest of the préfecture."""
        every = self._lane.every(self._rate)
        wait = await pace.turns(self._desk.pool, self._lane.name, every, count)
        if wait:
            await pause_or(self._desk.stopping, wait.total_seconds())

    async def _begin(self, mail: ReadyMail) -> bool:
        """Commits the attempt of a mail, unless its session ended or another worker has it."""
        own = self._own
        async with single_statements(self._desk.pool, own) as connection:
            worker, now = self._worker, self._desk.clock.now()
            return not self._lost.is_set() and await begin(
                connection, mail, worker, now, own=own is not None
            )

    @property
    def _own(self) -> "Connection | None":
        """The session's connection, on which nobody waits for another; `None` once it is lost."""
        return None if self._lost.is_set() else self._connection

    async def _put_back(self, mails: Sequence[ReadyMail]) -> None:
        """Makes due again what was claimed and not begun; a lost session leaves it to the next."""
        notices = [mail.row.entry.notice_id for mail in mails]
        while notices and not self._lost.is_set():
            try:
                async with transaction(self._desk.pool) as connection:
                    now = self._desk.clock.now()
                    await attempts.put_back(connection, notices, self._worker, now)
            except TemporaryFailure as failure:
                log.warning("claims_kept", why=str(failure))
                await asyncio.sleep(PAUSES[0])
            else:
                return
