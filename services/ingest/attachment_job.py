"""The job that reads what is attached to mails, apart from their mailboxes, and judges them again.

A mail is told first by its own text. Its attached files are read here, with the mailbox long gone
on; the mail is judged again with their text and told as the next revision of its arrival. A process
that dies in between has the mail read again; one that dies twice at the same mail leaves its files
unread, and says so.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from services.ingest import attachment_queue, questions, store
from services.ingest.arrival_reread import judged_again, next_revision, place_of
from services.ingest.attachment_queue import QueuedReading
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.attachments import (
    INFECTED,
    NOT_READ,
    AttachedTexts,
    looked_before,
    read_before,
    too_large_before,
    unread,
    worth_reading,
)
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement, FactContext
from services.ingest.domain.rules import JudgeRules
from services.ingest.mail_opener import MailParser
from services.ingest.spool import PLACE
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.plis import Attachment
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.authors import by_source
from shared.facts.envelope import ArrivalId, Via
from shared.facts.observations import ReadAttachments
from shared.platform.backoff import pause_after, pause_or
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, single_statements, transaction
from shared.platform.notifications import ListeningSession, follow_channel
from shared.platform.observability.logs import Log

MOST_TRIES = 2
"""Deaths of a process with the same mail in hand after which its files are opened no more."""
WORKERS = 2
"""Mails whose files are read at the same time: a slow one leaves the other worker."""
POLL_SECONDS = 30.0
"""How often the queue is looked at without news: what a dead process had is found so."""
CALL_BACK_SECONDS = 60.0
"""How often an antivirus that was away is asked whether it answers again."""
MOST_CALLS = 8
"""Looks at a mail that the antivirus can't end, some four hours in all: its files stay marked."""
_MOST_CALLED = 500
_NOT_READ = "ends-its-reader"
NOTHING = ReadAttachments(read=0)

log = Log("attachments")


@dataclass(frozen=True, slots=True)
class _FilesRead:
    """What came of a mail's files now."""

    texts: AttachedTexts
    counts: ReadAttachments
    """Of what was read now, and what could not be; nothing where the antivirus alone looked."""
    away: bool = False
    """The antivirus did not answer: it is to look later."""


class AttachmentJob:
    """The background job that reads the attachments of queued mails and judges these again by them.

    What the rules then say is published.
    """

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
        works = (self._work(news) for news in self._news)
        await asyncio.gather(self._listen(), self._call_back(), *works)

    async def read_next(self) -> bool:
        """Reads the oldest queued mail's attachments and judges it again; whether there was one.

        Raises TemporaryFailure: the blobs, the database or the readers are away; it stays
        queued.
        """
        async with single_statements(self._pool) as connection:
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

    async def call_back(self) -> None:
        """Gives mails that waited for the antivirus their turn in the queue, once it answers again.

        Raises TemporaryFailure: the database is away.
        """
        async with transaction(self._pool) as connection:
            now = self._clock.now()
            waiting = await attachment_queue.put_off_mails(connection, now)
        if not waiting or not await self._reader.antivirus_answers():
            return
        log.info("attachments_called_back", mails=waiting)
        async with transaction(self._pool) as connection:
            await attachment_queue.call_back(connection, now, _MOST_CALLED)

    async def _call_back(self) -> None:
        while True:
            await asyncio.sleep(CALL_BACK_SECONDS)
            try:
                await self.call_back()
            except TemporaryFailure as failure:
                log.warning("attachments_wait", why=str(failure))

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

    async def _told(self, _session: ListeningSession, payloads: Sequence[str] | None) -> None:
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
        row = queued.arrival
        ended = queued.told and queued.tries > MOST_CALLS
        if ended or not row.original or row.pli is None:
            return await self._drop(queued.arrival_id)
        try:
            octets = await self._blobs.get(row.original)
            before = await plis.read(self._blobs, row.pli)
        except PermanentFailure:  # erased meanwhile, or damaged: reconcile says which
            return await self._drop(queued.arrival_id)
        read = await self._files(queued, octets, before.attachments)
        rules = self._rules()
        again = await judged_again(octets, _place(row, rules), row, rules, self._mails, read.texts)
        if again is None:
            return await self._drop(queued.arrival_id)
        if again.pli == before and (queued.told or read.counts == NOTHING):
            return await self._leave(queued.arrival_id, read)
        await self._tell(row, again, read)
        return None

    async def _files(
        self, queued: QueuedReading, octets: bytes, files: Sequence[Attachment]
    ) -> _FilesRead:
        """What the antivirus finds, and what is read of what it does not call a virus."""
        if queued.tries > MOST_TRIES and not queued.told:
            log.error("attachments_end_their_reader", arrival=queued.arrival_id)
            texts = _ends_its_reader(files)
            return _FilesRead(texts, texts.counts)
        looks = await self._reader.scan_for_viruses(octets, files, told=queued.told)
        infected = [file for file in files if looks.found.get(file.sha256)]
        wanted = worth_reading([file for file in files if file not in infected])
        read = NOT_READ
        if queued.told:
            read = read_before(files) or NOT_READ
        elif wanted:
            read = await self._reader.read(octets, wanted)
        by_part = {**read.by_part, **unread(infected, INFECTED).by_part}
        texts = AttachedTexts(by_part, looks.found, looks.too_large)
        counts = ReadAttachments(read=0, unread=len(infected)) if queued.told else texts.counts
        last = queued.told and queued.tries >= MOST_CALLS
        if looks.away and last:
            log.warning("attachments_stay_unexamined", arrival=queued.arrival_id)
        return _FilesRead(texts, counts, away=looks.away and not last)

    async def _tell(self, row: store.ArrivalRow, again: ArrivalJudgement, read: _FilesRead) -> None:
        """In one statement: out of the queue, the next revision of the arrival, and the fact."""
        original = row.original
        if original is None or again.pli is None:
            return await self._drop(row.arrival_id)
        pli = await plis.write(self._blobs, int(original[:4]), row.arrival_id, again.pli)
        before: store.ArrivalRow | None = None
        kept: store.ArrivalRow | None = row
        # Whom a person had judged again meanwhile has another revision; who left the queue, not.
        while kept is not None and kept != before:
            revised, fact = next_revision(
                kept,
                again,
                FactContext(kept.arrival_id, kept.source, original, pli, self._clock.now()),
                by=by_source(kept.source),
                via=Via.MACHINE,
                attachments=read.counts,
            )
            async with single_statements(self._pool) as connection:
                if await attachment_queue.tell(connection, revised, fact, away=read.away):
                    break
                before, kept = kept, await questions.lock_row(connection, row.arrival_id)
        else:
            return None
        counts = read.counts
        log.info("attachments_read", arrival=row.arrival_id, read=counts.read, unread=counts.unread)
        return None

    async def _leave(self, arrival_id: ArrivalId, read: _FilesRead) -> None:
        """Nothing is told: its pli says all of it."""
        async with single_statements(self._pool) as connection:
            await _left(connection, arrival_id, read)

    async def _drop(self, arrival_id: ArrivalId) -> None:
        log.warning("attachments_not_to_be_read", arrival=arrival_id)
        async with transaction(self._pool) as connection:
            await attachment_queue.remove(connection, arrival_id)


def _ends_its_reader(files: Sequence[Attachment]) -> AttachedTexts:
    """What was known of viruses stays known."""
    infected = [file for file in files if file.virus]
    said = unread(worth_reading(files), _NOT_READ).by_part
    by_part = {**said, **unread(infected, INFECTED).by_part}
    return AttachedTexts(by_part, looked_before(files), too_large_before(files))


async def _left(connection: Connection, arrival_id: ArrivalId, read: _FilesRead) -> bool:
    """Whether the mail was in the queue; it leaves, or waits there for the antivirus."""
    leave = attachment_queue.put_off if read.away else attachment_queue.remove
    return await leave(connection, arrival_id)


def _place(row: store.ArrivalRow, rules: JudgeRules) -> MailboxPlace:
    kind, _, name = row.source.partition(":")
    return place_of(name, rules) if kind == "mailbox" else PLACE
