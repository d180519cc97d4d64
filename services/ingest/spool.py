"""The spool's reader: forms and papers from our pages become arrivals, requests are answered.

What can't be read is moved to `.refused/` beside and counted as trouble: a person must look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_never

from services.ingest.domain.judge_form import judge_form, judge_upload
from services.ingest.domain.judge_mail import Place
from services.ingest.domain.rules import Rules
from services.ingest.inbox import judged
from services.ingest.keeping import Appearance, Keeper
from services.ingest.status import SourceStatus
from services.ingest.watch import PAUSES
from shared import spool
from shared.clock import Clock
from shared.errors import PermanentFailure, TemporaryFailure
from shared.ids import arrival_id
from shared.logs import Log
from shared.spool import (
    FormDeposit,
    RereadRequest,
    SearchSentRequest,
    UploadDeposit,
)

SOURCE = "spool"
_EVERY = timedelta(seconds=1)
_LONGEST = 10.0
_BATCH = 20
_MAIL = Place(mailbox=SOURCE, service=None)

log = Log("spool")


class SpoolIntake:
    """Takes in the spool."""

    def __init__(
        self,
        site: str,
        folder: Path,
        *,
        rules: Callable[[], Rules],
        keeper: Keeper,
        clock: Clock,
        status: SourceStatus,
        reread: Callable[[RereadRequest], Awaitable[None]],
        search_sent: Callable[[SearchSentRequest], Awaitable[None]],
    ) -> None:
        self._site = site
        self._folder = folder
        self._rules = rules
        self._keeper = keeper
        self._clock = clock
        self._status = status
        self._reread = reread
        self._search_sent = search_sent

    async def run(self) -> None:
        """Until cancelled; trouble with the disk or the store only makes it wait."""
        failures = 0
        while True:
            try:
                until = self._clock.now()
                await self.take_all()
            except TemporaryFailure as failure:
                failures += 1
                self._status.trouble = str(failure)
                log.warning("source_trouble", source=SOURCE, why=str(failure))
                await asyncio.sleep(min(_LONGEST, PAUSES[min(failures, len(PAUSES)) - 1]))
            else:
                failures = 0
                self._status.read(until)
                await asyncio.sleep(_EVERY.total_seconds())

    async def take_all(self) -> None:
        """One pass over what waits.

        Raises:
            TemporaryFailure: the spool, the blobs or the database are away; nothing is removed.
        """
        folders = await asyncio.to_thread(spool.waiting, self._folder)
        for start in range(0, len(folders), _BATCH):
            await self._take(folders[start : start + _BATCH])

    async def _take(self, folders: list[Path]) -> None:
        appearances: list[Appearance] = []
        done: list[Path] = []
        later: TemporaryFailure | None = None
        for folder in folders:
            try:
                what, contents = await asyncio.to_thread(spool.read, folder)
                match what:
                    case FormDeposit() | UploadDeposit():
                        appearances += self._appearances(what, contents)
                    case RereadRequest():
                        await self._reread(what)
                    case SearchSentRequest():
                        await self._search_sent(what)
                    case _:
                        assert_never(what)
            except PermanentFailure as failure:
                # Without a trace: it would quote the deposit.
                log.error("deposit_refused", deposit=folder.name, why=str(failure))  # noqa: TRY400
                await asyncio.to_thread(_set_apart, folder)
            except TemporaryFailure as failure:
                # A mail server that is away must not keep a person's form waiting.
                later = failure
            else:
                done.append(folder)
        kept = await self._keeper.keep(appearances, self._clock.now())
        self._status.kept += len(kept.new)
        for folder in done:
            await asyncio.to_thread(spool.remove, folder)
        if later is not None:
            raise later

    def _appearances(
        self, what: FormDeposit | UploadDeposit, contents: Mapping[str, bytes]
    ) -> list[Appearance]:
        rules = self._rules()
        if isinstance(what, FormDeposit):
            return [
                Appearance(
                    arrival_id=arrival_id(self._site, SOURCE, str(what.id)),
                    source=SOURCE,
                    octets=form_octets(what),
                    shown_at=what.at,
                    judgements=(judge_form(what, rules),),
                    beside=tuple(contents[file.sha256] for file in what.files),
                )
            ]
        return [
            self._uploaded(what, number, contents[file.sha256], rules)
            for number, file in enumerate(what.files)
        ]

    def _uploaded(
        self, upload: UploadDeposit, number: int, octets: bytes, rules: Rules
    ) -> Appearance:
        file = upload.files[number]
        at: datetime = upload.received_on or upload.at
        if file.media_type == "message/rfc822":
            _, judgements = judged(octets, _MAIL, at, rules)
        else:
            judgements = (judge_upload(upload, file, "", rules),)
        return Appearance(
            arrival_id=arrival_id(self._site, SOURCE, f"{upload.id}:{number}"),
            source=SOURCE,
            octets=octets,
            shown_at=at,
            judgements=judgements,
        )


def form_octets(form: FormDeposit) -> bytes:
    """The original of a form: its deposit as it was written."""
    return form.model_dump_json().encode()


def _set_apart(folder: Path) -> None:
    refused = folder.parent / ".refused"
    refused.mkdir(mode=0o700, exist_ok=True)
    folder.rename(refused / folder.name)
