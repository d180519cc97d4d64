"""The spool's reader: forms and papers from our pages become arrivals, requests are answered.

What can't be read is moved to `.refused/` beside and counted as trouble: a person must look. A file
that was in hand at two deaths of a process is kept unopened, and such a request is refused:
nobody else's waits for it (services/ingest/in_hand.py).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar, assert_never
from uuid import UUID, uuid5

from services.ingest.arrival_writer import ArrivalWriter, CandidateArrival
from services.ingest.capture_metadata import of_upload
from services.ingest.deposit_reader import failure_aside, set_apart
from services.ingest.domain.document import Illegible
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import Judgement
from services.ingest.domain.quarantine import unshown
from services.ingest.domain.rules import JudgeRules
from services.ingest.faults import Bomb
from services.ingest.in_hand import DEATHS, InHand
from services.ingest.inbox_reader import judge_octets
from services.ingest.mail_opener import MailParser
from services.ingest.mailbox import BOMB
from services.ingest.paper_antivirus import looked_at
from services.ingest.papers import PaperReader, read_upload, whole_paper
from services.ingest.poll_loop import beside
from services.ingest.safe_judges import judged_form
from services.ingest.source_status import SourceStatus
from services.ingest.upload_letters import letters_of
from shared.content import spool
from shared.content.spool import (
    SOURCE,
    FormDeposit,
    RereadRequest,
    SearchSentRequest,
    SpooledRequest,
    UploadDeposit,
)
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.ids import arrival_id
from shared.platform.antivirus import Antivirus
from shared.platform.backoff import pause_after
from shared.platform.clock import Clock
from shared.platform.observability.logs import Log

_EVERY = timedelta(seconds=1)
_BATCH = 20
PLACE = MailboxPlace(mailbox=SOURCE, service=None)
"""Where mails that somebody hands in are judged as standing."""
EMAIL = "message/rfc822"
_NUMBERING = 0
"""What stands for a mailbox's UIDVALIDITY: a deposit's number is its own for ever."""
R = TypeVar("R", RereadRequest, SearchSentRequest)

log = Log("spool")


class SpoolIntake:
    """The background job that takes in deposits and requests which wait in the spool."""

    def __init__(
        self,
        site: str,
        folder: Path,
        *,
        rules: Callable[[], JudgeRules],
        keeper: ArrivalWriter,
        clock: Clock,
        status: SourceStatus,
        papers: PaperReader | None,
        mails: MailParser,
        reread: Callable[[RereadRequest], Awaitable[None]],
        search_sent: Callable[[SearchSentRequest], Awaitable[None]],
        in_hand: InHand,
        read: Callable[[Path], tuple[SpooledRequest, Mapping[str, bytes]]] = spool.read,
        antivirus: Antivirus | None = None,
    ) -> None:
        self._site = site
        self._folder = folder
        self._rules = rules
        self._keeper = keeper
        self._clock = clock
        self._status = status
        self._papers = papers
        self._mails = mails
        self._reread = reread
        self._search_sent = search_sent
        self._in_hand = in_hand
        self._read, self._antivirus = read, antivirus
        self._suspects: Mapping[int, int] = {}
        self._answered = set[UUID]()
        """Requests that could not be taken away: answering one again would tell it again."""

    async def run(self) -> None:
        """Takes deposits in until cancelled; trouble with disk or database makes it wait."""
        failures = 0
        await asyncio.to_thread(spool.sweep, self._folder, self._clock.now())
        while True:
            try:
                until = self._clock.now()
                await self.take_all()
            except TemporaryFailure as failure:
                failures += 1
                self._status.trouble = str(failure)
                log.warning("source_trouble", source=SOURCE, why=str(failure))
                await asyncio.sleep(pause_after(failures))
            else:
                failures = 0
                self._status.read(until)
                await asyncio.sleep(_EVERY.total_seconds())

    async def take_all(self) -> None:
        """Takes in all deposits that wait in the spool: forms together, slower ones one by one.

        No form waits for a pile that is being read: those that come meanwhile are taken in too.

        Raises:
            TemporaryFailure: the spool, the blobs, the database or a mail server are away; what
                could not be done stays.
        """
        folders = await asyncio.to_thread(spool.waiting_folders, self._folder)
        others: list[Path] = []
        failures: list[TemporaryFailure] = []
        for start in range(0, len(folders), _BATCH):
            others += await self._take_forms(folders[start : start + _BATCH], failures)
        if others:
            self._suspects = await self._in_hand.suspects(_NUMBERING)
            forms = partial(self._take_new_forms, set(others), failures)
            async with beside(forms, _EVERY.total_seconds()):
                for folder in others:
                    with failure_aside(failures):
                        await self._take_other(folder)
        if failures:
            raise failures[-1]

    async def _take_new_forms(self, known: set[Path], failures: list[TemporaryFailure]) -> None:
        with failure_aside(failures):
            waiting = await asyncio.to_thread(spool.waiting_folders, self._folder)
            came = [folder for folder in waiting if folder not in known]
            for start in range(0, len(came), _BATCH):
                known.update(await self._take_forms(came[start : start + _BATCH], failures))

    async def _take_forms(
        self, folders: list[Path], failures: list[TemporaryFailure]
    ) -> list[Path]:
        """Take the forms; the folders of what is none.

        A folder that can't be read or taken away joins `failures`, and hinders no other.
        """
        forms: dict[Path, CandidateArrival] = {}
        others: list[Path] = []
        for folder in folders:
            try:
                with failure_aside(failures):
                    what, contents = await asyncio.to_thread(self._read, folder)
                    if isinstance(what, FormDeposit):
                        forms[folder] = self._form(what, contents)
                    else:
                        others.append(folder)
            except PermanentFailure as failure:
                with failure_aside(failures):
                    await set_apart(folder, failure)
        await self._keep(list(forms.values()))
        for folder in forms:
            with failure_aside(failures):
                await asyncio.to_thread(spool.remove, folder)
        return others

    async def _take_other(self, folder: Path) -> None:
        opened: list[UUID] = []
        try:
            what, contents = await asyncio.to_thread(self._read, folder)
            opened += _opened(what)
            match what:
                case FormDeposit():
                    await self._keep([self._form(what, contents)])
                case UploadDeposit():
                    await self._keep(
                        [
                            letter
                            for number, file in enumerate(what.files)
                            for letter in await self._uploaded(what, number, contents[file.sha256])
                        ]
                    )
                case RereadRequest() | SearchSentRequest() if what.id in self._answered:
                    pass
                case RereadRequest():
                    await self._answer(what, self._reread)
                case SearchSentRequest():
                    await self._answer(what, self._search_sent)
                case _:
                    assert_never(what)
        except PermanentFailure as failure:
            await self._forget_deaths(opened)
            await set_apart(folder, failure)
        else:
            await self._forget_deaths(opened)
            await asyncio.to_thread(spool.remove, folder)
            self._answered.discard(what.id)

    async def _forget_deaths(self, opened: Iterable[UUID]) -> None:
        """What was not opened any more is kept by now, whole: nobody comes upon it again."""
        unopened = [uid for uid in map(_uid, opened) if self._suspects.get(uid, 0) >= DEATHS]
        if unopened:
            await self._in_hand.forget(_NUMBERING, unopened)

    async def _answer(self, what: R, answer: Callable[[R], Awaitable[None]]) -> None:
        async with self._opening(what.id) as deaths:
            if deaths >= DEATHS:
                raise PermanentFailure("It was in hand when this process died, more than once.")
            await answer(what)
        self._answered.add(what.id)

    def _opening(self, what: UUID) -> AbstractAsyncContextManager[int]:
        uid = _uid(what)
        return self._in_hand.opening(_NUMBERING, uid, self._suspects.get(uid, 0))

    async def _keep(self, arrivals: list[CandidateArrival]) -> None:
        kept = await self._keeper.keep(arrivals, self._clock.now())
        self._status.kept += len(kept.new)

    def _form(self, form: FormDeposit, contents: Mapping[str, bytes]) -> CandidateArrival:
        return CandidateArrival(
            arrival_id=arrival_id(self._site, SOURCE, str(form.id)),
            source=SOURCE,
            octets=form_octets(form),
            shown_at=form.at,
            judgements=(judged_form(form, self._rules()),),
            beside=tuple(contents[file.sha256] for file in form.files),
        )

    async def _uploaded(
        self, upload: UploadDeposit, number: int, octets: bytes
    ) -> list[CandidateArrival]:
        """The letters of one file, several where our sheets stand between them; none if it is kept.

        A former version cut nothing, and may have been killed before it took the file away.
        """
        file, rules, named = upload.files[number], self._rules(), f"{upload.id}:{number}"
        at = upload.received_on or upload.at
        if await self._keeper.holds(arrival_id(self._site, SOURCE, named), file.sha256):
            return []
        async with self._opening(_part(upload, number)) as deaths:
            if deaths >= DEATHS:
                log.error("upload_was_in_hand_at_two_deaths", upload=named)
            if file.media_type != EMAIL:
                file, infected = await looked_at(self._antivirus, file, octets, named)
                unopened = Illegible(Bomb.reason) if deaths >= DEATHS else infected
                if unopened is not None:
                    papers = [whole_paper(file, octets, upload.at, unopened)]
                else:
                    papers = await read_upload(self._papers, file, octets, upload.at, named)
                return letters_of(self._site, upload, number, file, papers, rules)
            judgements: tuple[Judgement, ...]
            if deaths >= DEATHS:
                judgements = (unshown(octets, BOMB, at),)
            else:
                _, judgements = await asyncio.to_thread(
                    judge_octets, octets, PLACE, at, rules, self._mails, named
                )
        return [
            CandidateArrival(
                arrival_id=arrival_id(self._site, SOURCE, named),
                source=SOURCE,
                octets=octets,
                shown_at=at,
                judgements=judgements,
                shown_as=of_upload(upload, file),
            )
        ]


def _part(upload: UploadDeposit, number: int) -> UUID:
    """What names a file of an upload while it is opened."""
    return uuid5(upload.id, str(number))


def _opened(what: SpooledRequest) -> list[UUID]:
    """What of a deposit is opened, one after the other."""
    match what:
        case UploadDeposit():
            return [_part(what, number) for number in range(len(what.files))]
        case _:
            return [what.id]


def _uid(opened: UUID) -> int:
    """It as a bigint, which numbers what is in hand."""
    return opened.int >> 65


def form_octets(form: FormDeposit) -> bytes:
    """Returns the original of a form deposit: its JSON as it was written."""
    return form.model_dump_json().encode()
