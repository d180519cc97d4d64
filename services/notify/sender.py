"""How notices leave: claim some, and for each: commit its attempt, hand it over, keep the answer.

Claims are made in batches, attempts are not: an answer and the attempt of the next mail on the
connection are one commit, before that mail's DATA (DESIGN, law 5). Whoever finds the attempt of a
worker that has ended makes it *unknown* (interruptions.py).
"""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from functools import cache

from services.notify.domain.ledger import NoAnswer, NotTried, SmtpAnswer
from services.notify.lanes import URGENT
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write as store_decided
from services.notify.mail_batch import write_mails
from services.notify.mail_composition import ReadyMail
from services.notify.message import compose
from services.notify.send_outcomes import settle
from services.notify.sender_session import PAUSES, ClaimedMails, Plis, SenderSession
from services.notify.store import attempts, caps, claims
from shared.content.files_first import FilesFirst
from shared.errors import TemporaryFailure
from shared.facts.vocabulary import Way
from shared.platform.clock import sure
from shared.platform.database import Connection
from shared.platform.observability.logs import Log

LONGEST = 5.0
"""Seconds after which what was claimed is judged anew before it leaves: a server may be slow."""

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

    async def _claim(self, needed: Plis, *, ahead: bool = False) -> ClaimedMails:
        """Takes the notices whose turn it is, at the site's pace, commits that it did; keeps them.

        `needed`: the plis that each will probably ask for, read before any transaction; what else
        they lack is read between two, `now` being the same. `ahead`: others leave meanwhile, behind
        which nothing urgent may wait, so that none is taken while something urgent is due.
        """
        await self._paced(len(needed))
        if self._desk.stopping.is_set():
            return ClaimedMails(found=False)
        now, files = sure(self._desk.clock), FilesFirst(self._desk.ink.blobs)
        ink = replace(self._desk.ink, blobs=files, composing=cache(compose))
        files.hold(await self._desk.originals.get_many(key for keys in needed for key in keys))

        async def claimed(connection: Connection) -> ClaimedMails:
            await caps.one_at_a_time(connection)
            rows = await claims.due(connection, Way.MAIL, now, self._lane.least, len(needed))
            if not rows or (ahead and rows[0].urgency <= URGENT.least):
                return ClaimedMails(found=bool(rows))
            made = await write_mails(connection, rows, self._write_in_turn, ink, now)
            ready = [mail for mail in made if isinstance(mail, ReadyMail)]
            today = now.astimezone(self._desk.rules.applied.site.zone).date()
            counted = [(mail.row, today if mail.counted else None) for mail in ready]
            if counted:
                await attempts.claim(connection, counted, self._worker, now)
            decided = [other for other in made if isinstance(other, LedgerDecision)]
            await store_decided(connection, decided, now)
            return ClaimedMails(ready)

        return await self._kept(await files.transact(self._desk.pool, claimed))

    async def _hand_over(self, batch: ClaimedMails) -> bool:
        """Hands over what was claimed, in order; puts back what it does not come to.

        Whether it came to all, and the connection may be used on.
        """
        left, until = list(batch.mails), batch.judged + LONGEST
        goes_on = tired = False
        try:
            begun = await self._begin(left[0])
            while begun:
                mail = left.pop(0)
                started = time.monotonic()
                answer = await self._mailer.send(mail.envelope)
                ended = time.monotonic()
                self._desk.voice.count_handed_over(type(answer).__name__, ended - started)
                tired = isinstance(answer, NotTried)
                broken = tired or isinstance(answer, NoAnswer)
                goes_on = not (broken or ended > until or self._desk.stopping.is_set())
                self._turns.give()
                begun = await self._keep(mail, answer, left[0] if left and goes_on else None)
        finally:
            await self._put_back(left)
        if tired:
            await self._rest(timedelta(seconds=PAUSES[0]))
        return goes_on and not left

    async def _keep(self, mail: ReadyMail, answer: SmtpAnswer, following: ReadyMail | None) -> bool:
        """Writes down what is known of the mail's fate, however long PostgreSQL is away.

        Whether the following one was begun with it.
        """
        while True:
            if self._lost.is_set():
                following = None
            try:
                pool, now = self._desk.pool, self._desk.clock.now()
                after, begun = await settle(
                    pool, mail, answer, following, self._worker, now, self._own
                )
            except TemporaryFailure as failure:
                log.warning("answer_kept_in_memory", why=str(failure))
                await asyncio.sleep(PAUSES[0])
                following = None  # its attempt may be committed: it is put back, nothing being said
            else:
                if after is not None:
                    entry = after.entry
                    log.info("notice", id=str(entry.notice_id), kind=entry.kind, state=entry.state)
                return begun
