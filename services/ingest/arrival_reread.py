"""A person asks that an arrival be judged again: from its octets, with the rules of now.

What was read in the files of a mail is judged with it. Files that nobody has read, or not whole,
join the queue of those to read (attachment_queue.py): a request waits for no file.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from services.ingest import attachment_queue, capture_metadata, questions, store
from services.ingest.arrival_writer import SCHEMA
from services.ingest.domain.attachments import (
    NOT_READ,
    AttachedTexts,
    read_before,
    worth_reading,
)
from services.ingest.domain.document import Illegible, Legible
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import (
    ArrivalJudgement,
    FactContext,
)
from services.ingest.domain.rules import JudgeRules
from services.ingest.domain.separators import WHOLE_BATCHES
from services.ingest.facts import body, kind_of, message_of, reason_of
from services.ingest.inbox_reader import judge_octets
from services.ingest.mail_opener import MailParser
from services.ingest.papers import PaperReader, read_upload, whole_paper
from services.ingest.safe_judges import judged_form, judged_scan, judged_upload
from services.ingest.spool import EMAIL, PLACE
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.spool import FormDeposit, RereadRequest
from shared.errors import PermanentFailure
from shared.facts.arrivals import ArrivalReread, Enter
from shared.facts.authors import by_person
from shared.facts.envelope import BlobKey, ServiceId
from shared.facts.ids import event_id
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox
from shared.platform.observability.logs import Log

log = Log("rereading")


class ArrivalRereader:
    """The judge of stored arrivals that a person asked to judge again, by today's rules."""

    def __init__(
        self,
        pool: Pool,
        blobs: Blobs,
        clock: Clock,
        rules: Callable[[], JudgeRules],
        papers: PaperReader | None,
        mails: MailParser,
    ) -> None:
        """`papers` is `None` where nothing reads scans: they are judged without their words."""
        self._pool = pool
        self._blobs = blobs
        self._clock = clock
        self._rules = rules
        self._papers = papers
        self._mails = mails

    async def answer(self, request: RereadRequest) -> None:
        """Judges an arrival again and publishes it as `ArrivalReread`.

        One that can't be is only logged.

        Raises:
            TemporaryFailure: the blobs or the database are away.
            PermanentFailure: the octets are gone or damaged, or what its row says can't be read.
        """
        rules = self._rules()
        async with transaction(self._pool) as connection:
            row = await questions.lock_row(connection, request.arrival_id)
        if row is None or not row.original:
            log.warning("reread_unknown", arrival=request.arrival_id)
            return
        # Reading a paper takes seconds: nothing is locked meanwhile.
        again = await self._judge(row, row.original, rules)
        if again is None:
            log.warning("reread_tells_no_arrival", arrival=request.arrival_id)
            return
        pli = await self._keep_pli(row.original, row, again)
        async with transaction(self._pool) as connection:
            row = await questions.lock_row(connection, request.arrival_id)
            if row is None:
                return
            now = self._clock.now()
            revised, fact = next_revision(
                row,
                again,
                FactContext(row.arrival_id, row.source, row.original, pli, now),
                by=by_person(request.by),
                via=request.via,
                shell=request.shell,
            )
            await questions.reread(connection, revised)
            await outbox.put(connection, SCHEMA, [fact])
            if _has_unread_files(again, row.source):
                await attachment_queue.put(connection, [row.arrival_id], now)

    async def _keep_pli(
        self, original: BlobKey, row: store.ArrivalRow, again: ArrivalJudgement
    ) -> BlobKey | None:
        """In the folder of the original, whatever day of receipt is found now."""
        if again.pli is None:
            return None
        return await plis.write(self._blobs, int(original[:4]), row.arrival_id, again.pli)

    async def _judge(
        self, row: store.ArrivalRow, original: BlobKey, rules: JudgeRules
    ) -> ArrivalJudgement | None:
        octets = await self._blobs.get(original)
        kind, _, name = row.source.partition(":")
        match kind:
            case "mailbox":
                return await self._mail(octets, place_of(name, rules), row, rules)
            case "scans":
                return await self._scan(octets, name, row, rules)
            case "spool" if row.shown_as is None:
                return _form(octets, rules)
            case "spool":
                return await self._upload(octets, row, rules)
            case _:
                return None

    async def _scan(
        self, octets: bytes, folder: str, row: store.ArrivalRow, rules: JudgeRules
    ) -> ArrivalJudgement | None:
        """A departure stays one: nothing in the register waits for it."""
        rows = {scan_folder.id: scan_folder for scan_folder in rules.site.sources.scan_folders}
        if row.shown_as is None or folder not in rows:
            return None
        # A batch that waits whole for a person is not one letter, whatever its pages say.
        waits = row.reason in WHOLE_BATCHES
        reading = Illegible(row.reason or "") if waits else await self._read(octets)
        document = capture_metadata.scan(row.arrival_id, row.shown_as, octets, reading)
        found = judged_scan(document, rows[folder], rules)
        return found if isinstance(found, ArrivalJudgement) else None

    async def _upload(
        self, octets: bytes, row: store.ArrivalRow, rules: JudgeRules
    ) -> ArrivalJudgement | None:
        upload = capture_metadata.upload(row.arrival_id, row.shown_as or "", await self._name(row))
        (file,) = upload.files
        if file.media_type == EMAIL:
            return await self._mail(octets, PLACE, row, rules)
        papers = await read_upload(self._papers, file, octets, upload.at)
        if len(papers) == 1:
            paper = replace(papers[0], batch=None)
        else:  # kept whole before what is handed in was cut
            paper = whole_paper(file, octets, upload.at, await self._read(octets))
        return judged_upload(upload, file, paper, rules)

    async def _mail(
        self, octets: bytes, place: MailboxPlace, row: store.ArrivalRow, rules: JudgeRules
    ) -> ArrivalJudgement | None:
        return await judged_again(octets, place, row, rules, self._mails, await self._texts(row))

    async def _texts(self, row: store.ArrivalRow) -> AttachedTexts | None:
        """What was read in its files; a pli that can't be read any more says nothing."""
        if row.pli is None:
            return None
        try:
            return read_before((await plis.read(self._blobs, row.pli)).attachments)
        except PermanentFailure:
            return None

    async def _read(self, octets: bytes) -> Legible | Illegible:
        return Legible((), 0) if self._papers is None else await self._papers.read(octets)

    async def _name(self, row: store.ArrivalRow) -> str:
        """The file's name, which only the pli knows."""
        if row.pli is None:
            return ""
        pli = await plis.read(self._blobs, row.pli)
        return next((attachment.name for attachment in pli.attachments), "")


def _form(octets: bytes, rules: JudgeRules) -> ArrivalJudgement | None:
    try:
        return judged_form(FormDeposit.model_validate_json(octets), rules)
    except ValidationError:  # a paper, kept before it was remembered how it was shown
        return None


def place_of(mailbox: str, rules: JudgeRules) -> MailboxPlace:
    """Returns a mailbox with the service and kind that the rules give it, to judge its mail again.

    One that the site no longer has gets no service.
    """
    box = next((inbox for inbox in rules.site.sources.mailboxes if inbox.id == mailbox), None)
    service = ServiceId(box.service) if box is not None and box.service else None
    return MailboxPlace(mailbox=mailbox, service=service, bounces=box is not None and box.bounces)


async def judged_again(
    octets: bytes,
    place: MailboxPlace,
    row: store.ArrivalRow,
    rules: JudgeRules,
    mails: MailParser,
    texts: AttachedTexts | None = None,
) -> ArrivalJudgement | None:
    """Judges a stored mail again; `None`: it is no arrival (a bounce, or a reply of ours).

    `texts`: what was read of its attachments; `None` where nobody has read them.
    """
    _, judgements = await asyncio.to_thread(
        judge_octets, octets, place, row.shown_at, rules, mails, str(row.arrival_id), texts
    )
    return next((found for found in judgements if isinstance(found, ArrivalJudgement)), None)


def _has_unread_files(judged: ArrivalJudgement, source: str) -> bool:
    """Only of what enters: who takes something out of the other lists opens it."""
    if judged.pli is None or judged.verdict != Enter():
        return False
    files = judged.pli.attachments
    if source.startswith("mailbox:") and any(file.unlooked for file in files):
        return True
    if judged.pli.kind != "mail":
        return False
    return bool(worth_reading(files)) and not (read_before(files) or NOT_READ).covers(files)


def next_revision(
    row: store.ArrivalRow, judged: ArrivalJudgement, with_: FactContext, **said: Any
) -> tuple[store.ArrivalRow, ArrivalReread]:
    """Returns the next revision of an arrival that was judged again, and the fact that tells it.

    Args:
        row: the arrival as it is stored.
        judged: what it is now.
        with_: the source, the moment and the keys of original and new pli.
        said: by whom and by which way, and what was read of its attachments.
    """
    revised = replace(
        row,
        kind=kind_of(judged),
        reason=reason_of(judged),
        fingerprint=judged.fingerprint,
        message=message_of(judged),
        pli=with_.pli,
        revision=row.revision + 1,
    )
    fact = ArrivalReread(
        event_id=event_id(row.arrival_id, "ArrivalReread", revised.revision),
        revision=revised.revision,
        **said,
        **body(judged, with_),
    )
    return revised, fact
