"""The workers that let notices leave: claim one, commit the attempt, hand it over, keep the answer.

A worker holds a session lock while it lives; an attempt whose worker's lock is free was cut short
by a crash, and whoever finds it makes it *unknown* (DESIGN, law 5). No timer decides about that.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from random import SystemRandom

import asyncpg
from pydantic import SecretStr

from services.notify.domain.ledger import (
    Accepted,
    Answer,
    NoticeState,
    NotTried,
    next_after,
)
from services.notify.faults import unwritable
from services.notify.interruptions import LOCKS, recover
from services.notify.lanes import ORDINARY, Lane
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write as store_decided
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.mailer import Mailer
from services.notify.message import compose
from services.notify.metrics import NotifyMetrics
from services.notify.notice_facts import tell
from services.notify.notice_locks import NoticeLocks
from services.notify.store import CHANNEL, claims, ledger, pace
from services.notify.store.ledger import LedgerRow
from shared.content.files_first import FilesFirst
from shared.content.mime import message_digest
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way
from shared.platform.backoff import pause_or
from shared.platform.clock import Clock, rest, sure
from shared.platform.database import UNREACHABLE, Connection, Pool, connect_alone, transaction
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


class Sender:
    """A worker that sends due notices over its own SMTP connection."""

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

    async def run(self) -> None:
        """Sends due notices until asked to stop. Raises TemporaryFailure without PostgreSQL."""
        try:
            while not self._desk.stopping.is_set():
                await self._session()
        finally:
            await self._mailer.close()

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
        if self._desk.stopping.is_set() or (needed := await self._next_plis()) is None:
            return False
        if not await self._connected():
            return False
        await self._paced()
        if self._desk.stopping.is_set():
            return False
        ready = await self._claim(locks, needed)
        if isinstance(ready, ReadyMail):
            started = time.monotonic()
            answer = await self._mailer.send(ready.envelope)
            self._desk.voice.handed(type(answer).__name__, time.monotonic() - started)
            await self._keep(ready, answer)
            if isinstance(answer, NotTried):
                await self._rest(timedelta(seconds=PAUSES[0]))
        return ready is not None

    async def _next_plis(self) -> Sequence[BlobKey] | None:
        now = sure(self._desk.clock)
        return await claims.next_plis(self._desk.pool, Way.MAIL, now, self._lane.least)

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

    async def _claim(
        self, locks: NoticeLocks, needed: Sequence[BlobKey]
    ) -> ReadyMail | LedgerDecision | None:
        """Takes the notice whose turn it is and commits its attempt; `None`: there is none.

        Its pli is read and its mail kept before the row is locked for good, `now` being the same.
        `needed`: the plis that it will probably ask for, read before any transaction.
        """
        now, files = sure(self._desk.clock), FilesFirst(self._desk.ink.blobs)
        ink = replace(self._desk.ink, blobs=files, composing=cache(compose))
        await files.read_ahead(needed)
        try:
            return await files.transact(
                self._desk.pool, lambda connection: self._claimed(connection, ink, locks, now)
            )
        finally:
            await locks.release()

    async def _claimed(
        self, connection: Connection, ink: MailSigning, locks: NoticeLocks, now: datetime
    ) -> ReadyMail | LedgerDecision | None:
        row = await locks.due(connection, Way.MAIL, now, self._lane.least)
        if row is None:
            return None
        ready = await written(connection, row, self._desk.write, ink, now)
        if isinstance(ready, LedgerDecision):
            await store_decided(connection, [ready], now)
            return ready
        if ready.owner is not None:
            kept = await ink.blobs.put(*ready.owner, ready.envelope.message)
            ready = replace(ready, row=replace(ready.row, document=kept))
        today = now.astimezone(self._desk.rules.applied.site.zone).date()
        counted = today if ready.counted else None
        await claims.attempt(connection, ready.row, self._worker, counted, now)
        return ready

    async def _keep(self, ready: ReadyMail, answer: Answer) -> None:
        """Writes down what is known of the mail's fate, however long PostgreSQL is away."""
        while True:
            try:
                await self._settle(ready, answer)
            except TemporaryFailure as failure:
                log.warning("answer_kept_in_memory", why=str(failure))
                await asyncio.sleep(PAUSES[0])
            else:
                return

    async def _settle(self, ready: ReadyMail, answer: Answer) -> None:
        now = self._desk.clock.now()
        async with transaction(self._desk.pool) as connection:
            row = await claims.attempted(connection, ready.row.entry.notice_id)
            if row is None or (row.entry.state is NoticeState.UNKNOWN and answer != Accepted()):
                return
            after = ledger.after(row, next_after(row.entry, answer), now)
            message = message_digest(ready.message_id)
            told = after.entry.state in {NoticeState.SENT, NoticeState.FAILED, NoticeState.HELD}
            if told:
                after = replace(after, revision=after.revision + 1)
            if isinstance(answer, Accepted):
                after = replace(after, answer=answer.said)
            fact = tell(after, now, message=message) if told else None
            await store_decided(connection, [LedgerDecision(after, fact)], now)
        log.info(
            "notice", id=str(row.entry.notice_id), kind=row.entry.kind, state=after.entry.state
        )


async def written(
    connection: Connection, row: LedgerRow, write: Write, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Writes the email of a due notice; one that can't be written is held and stops no other."""
    try:
        async with connection.transaction():
            return await write(connection, row, ink, now)
    except Exception as error:  # noqa: BLE001  (whatever it is, it must stop no other notice)
        return unwritable(connection, row, error, now)
