"""How a notice leaves: claim one, commit the attempt, hand it over, keep the answer.

Whoever finds the attempt of a worker that has ended makes it *unknown* (sender_session.py).
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from services.notify.domain.ledger import Accepted, NoticeState, NotTried, SmtpAnswer, next_after
from services.notify.faults import unwritable
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write as store_decided
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.message import compose
from services.notify.notice_facts import tell
from services.notify.notice_locks import NoticeLocks
from services.notify.sender_session import PAUSES, SenderSession, Write
from services.notify.store import claims, ledger
from services.notify.store.ledger import LedgerRow
from shared.content.files_first import FilesFirst
from shared.content.mime import message_digest
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Way
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.observability.logs import Log

log = Log("sender")


class Sender(SenderSession):
    """A worker that sends due notices over its own SMTP connection."""

    async def run(self) -> None:
        """Sends due notices until asked to stop. Raises TemporaryFailure without PostgreSQL."""
        try:
            while not self._desk.stopping.is_set():
                await self._session()
        finally:
            await self._mailer.close()

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
            self._desk.voice.count_handed_over(type(answer).__name__, time.monotonic() - started)
            await self._keep(ready, answer)
            if isinstance(answer, NotTried):
                await self._rest(timedelta(seconds=PAUSES[0]))
        return ready is not None

    async def _next_plis(self) -> Sequence[BlobKey] | None:
        now = sure(self._desk.clock)
        return await claims.next_plis(self._desk.pool, Way.MAIL, now, self._lane.least)

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
        ready = await write_mail(connection, row, self._desk.write, ink, now)
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

    async def _keep(self, ready: ReadyMail, answer: SmtpAnswer) -> None:
        """Writes down what is known of the mail's fate, however long PostgreSQL is away."""
        while True:
            try:
                await self._settle(ready, answer)
            except TemporaryFailure as failure:
                log.warning("answer_kept_in_memory", why=str(failure))
                await asyncio.sleep(PAUSES[0])
            else:
                return

    async def _settle(self, ready: ReadyMail, answer: SmtpAnswer) -> None:
        now = self._desk.clock.now()
        async with transaction(self._desk.pool) as connection:
            row = await claims.lock_attempt(connection, ready.row.entry.notice_id)
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


async def write_mail(
    connection: Connection, row: LedgerRow, write: Write, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email of a due notice, or the decision not to send it; failures only hold it."""
    try:
        async with connection.transaction():
            return await write(connection, row, ink, now)
    except Exception as error:  # noqa: BLE001  (whatever it is, it must stop no other notice)
        return unwritable(connection, row, error, now)
