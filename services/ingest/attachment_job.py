"""The job that reads what is attached to mails, apart from their mailboxes, and judges them again.

A mail is told first by its own text. Its attached files are read here, with the mailbox long gone
on; the mail is judged again with their text and told as the next revision of its arrival. A process
that dies in between has the mail read again; one that dies twice at the same mail leaves its files
unread, and says so.
"""

import asyncio
from collections.abc import Callable, Sequence

from pydantic import SecretStr

from services.ingest import attachment_queue, questions, store
from services.ingest.arrival_reread import judged_again, place_of, put_revision
from services.ingest.attachment_queue import QueuedReading
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.attachments import AttachedTexts, unread, worth_reading
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement, FactContext
from services.ingest.domain.rules import JudgeRules
from services.ingest.mail_parser import MailParser
from services.ingest.spool import PLACE
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.plis import Attachment
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.authors import by_source
from shared.facts.envelope import ArrivalId, Via
from shared.platform.backoff import pause_after, pause_or
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.notifications import Session, follow_channel
from shared.platform.observability.logs import Log

MOST_TRIES = 2
"""Deaths of a process with the same mail in hand after which its files are opened no more."""
WORKERS = 2
"""Mails whose files are read at the same time: a slow one leaves the other worker."""
POLL_SECONDS = 30.0
"""How often the queue is looked at without news: what a dead process had is found so."""
_NOT_READ = "ends-its-reader"

log = Log("attachments")


class AttachmentJob:
    """Reads the attachments of queued mails and publishes what the rules say then."""

    def __init__(
        self,
        pool: Pool,
        blobs: Blobs,
        clock: Clock,
        rules: Callable[[], JudgeRules],
        mails: MailParser,
        reader: AttachmentReader,
        *,
        url: SecretStr,
        instance: str | None = None,
    ) -> None:
        self._url = url
        self._pool = pool
        self._blobs = blobs
        self._clock = clock
        self._rules = rules
        self._mails = mails
        self._reader = reader
        self._instance = instance or ""
        self._news = tuple(asyncio.Event() for _ in range(WORKERS))

    async def run(self) -> None:
        """Reads queued mails until cancelled, two at a time, each as soon as it is queued."""
        failures = 0
        while not await self._released():
            failures += 1
            await asyncio.sleep(pause_after(failures))
        await asyncio.gather(self._listen(), *(self._work(news) for news in self._news))

    async def read_next(self) -> bool:
        """Reads the attachments of the oldest queued mail; returns whether there was one.

        Raises:
            TemporaryFailure: the blobs, the database or the readers are away; it stays queued.
        """
        async with transaction(self._pool) as connection:
            queued = await attachment_queue.take(connection, self._instance, self._clock.now())
        if queued is None:
            return False
        try:
            await self._read(queued)
        except TemporaryFailure:
            async with transaction(self._pool) as connection:
                await attachment_queue.give_back(connection, queued.arrival_id, counts=False)
            raise
        except Exception as error:  # noqa: BLE001  (one mail must not stop the others)
            # Without a trace: what an exception says may quote the letter.
            log.error(  # noqa: TRY400  (as said above)
                "attachments_not_read", arrival=queued.arrival_id, error=type(error).__name__
            )
            async with transaction(self._pool) as connection:
                await attachment_queue.give_back(connection, queued.arrival_id, counts=True)
        return True

    async def _released(self) -> bool:
        try:
            async with transaction(self._pool) as connection:
                await attachment_queue.release(connection, self._instance)
        except TemporaryFailure:
            return False
        return True

    async def _listen(self) -> None:
        """Wakes the workers when a mail joins the queue; while nobody listens, the poll does."""
        await follow_channel(
            self._url, "attachments", attachment_queue.CHANNEL, POLL_SECONDS, self._told
        )

    async def _told(self, _session: Session, payloads: Sequence[str] | None) -> None:
        if payloads is None or payloads:
            for news in self._news:
                news.set()

    async def _work(self, news: asyncio.Event) -> None:
        failures = 0
        while True:
            news.clear()
            try:
                found = await self.read_next()
                failures = 0
            except TemporaryFailure as failure:
                log.warning("attachments_wait", why=str(failure))
                failures += 1
                await asyncio.sleep(pause_after(failures))
                continue
            if not found:
                await pause_or(news, POLL_SECONDS)

    async def _read(self, queued: QueuedReading) -> None:
        async with transaction(self._pool) as connection:
            row = await questions.lock_row(connection, queued.arrival_id)
        if row is None or not row.original or row.pli is None:
            return await self._drop(queued.arrival_id)
        try:
            octets = await self._blobs.get(row.original)
            wanted = worth_reading((await plis.read(self._blobs, row.pli)).attachments)
        except PermanentFailure:  # erased meanwhile, or damaged: reconcile says which
            return await self._drop(queued.arrival_id)
        texts = await self._texts(queued, octets, wanted)
        rules = self._rules()
        again = await judged_again(octets, _place(row, rules), row, rules, self._mails, texts)
        if again is None:
            return await self._drop(queued.arrival_id)
        await self._tell(row, again, texts)
        return None

    async def _texts(
        self, queued: QueuedReading, octets: bytes, wanted: tuple[Attachment, ...]
    ) -> AttachedTexts:
        if queued.tries > MOST_TRIES:
            log.error("attachments_end_their_reader", arrival=queued.arrival_id)
            return unread(wanted, _NOT_READ)
        return await self._reader.read(octets, wanted)

    async def _tell(
        self, row: store.ArrivalRow, again: ArrivalJudgement, texts: AttachedTexts
    ) -> None:
        """One transaction: out of the queue, the next revision of the arrival, and the fact."""
        original = row.original
        if original is None or again.pli is None:
            return await self._drop(row.arrival_id)
        pli = await plis.write(self._blobs, int(original[:4]), row.arrival_id, again.pli)
        async with transaction(self._pool) as connection:
            kept = await questions.lock_row(connection, row.arrival_id)
            if kept is None or not await attachment_queue.done(connection, row.arrival_id):
                return None
            await put_revision(
                connection,
                kept,
                again,
                FactContext(kept.arrival_id, kept.source, original, pli, self._clock.now()),
                by=by_source(kept.source),
                via=Via.MACHINE,
                attachments=texts.counts,
            )
        counts = texts.counts
        log.info("attachments_read", arrival=row.arrival_id, read=counts.read, unread=counts.unread)
        return None

    async def _drop(self, arrival_id: ArrivalId) -> None:
        log.warning("attachments_not_to_be_read", arrival=arrival_id)
        async with transaction(self._pool) as connection:
            await attachment_queue.done(connection, arrival_id)


def _place(row: store.ArrivalRow, rules: JudgeRules) -> MailboxPlace:
    kind, _, name = row.source.partition(":")
    return place_of(name, rules) if kind == "mailbox" else PLACE
