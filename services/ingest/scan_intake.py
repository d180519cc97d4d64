"""From a scan folder's documents to arrivals: judge, keep, and only then let the file go."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import Any

from services.ingest.arrival_writer import ArrivalWriter, CandidateArrival
from services.ingest.capture_metadata import of_scan
from services.ingest.domain.document import PassEnded, ScannedDocument, ScanSource
from services.ingest.domain.judge_scan import identity_of_scan
from services.ingest.domain.rules import JudgeRules
from services.ingest.pass_ledger import EndedPass, PassLedger
from services.ingest.safe_judges import judged_scan
from services.ingest.source_status import SourceStatus
from services.ingest.watch import TELL_EVERY
from shared.errors import TemporaryFailure
from shared.facts.envelope import ServiceId
from shared.facts.ids import arrival_id
from shared.platform.backoff import pause_after
from shared.platform.clock import Clock
from shared.platform.observability.logs import Log
from shared.site.tables.mailboxes import ScanFolder

log = Log("scans")


class ScanIntake:
    """The background job that takes in a scan folder: judges each document and stores it."""

    def __init__(
        self,
        site: str,
        folder: ScanFolder,
        source: ScanSource,
        *,
        rules: Callable[[], JudgeRules],
        keeper: ArrivalWriter,
        passes: PassLedger,
        clock: Clock,
        status: SourceStatus,
    ) -> None:
        self._site = site
        self._folder = folder
        self._source = source
        self._rules = rules
        self._keeper = keeper
        self._passes = passes
        self._clock = clock
        self._status = status
        self._ended: datetime | None = None
        self._told: datetime | None = None

    async def run(self) -> None:
        """Takes scans in until cancelled; trouble with folder or database only makes it wait."""
        failures = 0
        while True:
            try:
                documents: Any = self._source.documents()
                async with aclosing(documents):
                    async for found in documents:
                        await self._take(found)
                        failures = 0
            except TemporaryFailure as failure:
                self._status.trouble = str(failure)
                failures += 1
                log.warning("source_trouble", source=self._source.source, why=str(failure))
                await asyncio.sleep(pause_after(failures))

    async def _take(self, found: ScannedDocument | PassEnded) -> None:
        if isinstance(found, PassEnded):
            await self._pass_ended(found)
            return
        one = CandidateArrival(
            arrival_id=arrival_id(self._site, self._source.source, identity_of_scan(found)),
            source=self._source.source,
            octets=found.octets,
            shown_at=found.first_seen,
            judgements=(judged_scan(found, self._folder, self._rules()),),
            shown_as=of_scan(found),
        )
        kept = await self._keeper.keep([one], self._clock.now())
        self._status.kept += len(kept.new)
        await self._source.confirm(found)

    async def _pass_ended(self, ended: PassEnded) -> None:
        self._status.ignored, self._status.came_back = ended.ignored, ended.came_back
        if ended.missed:
            self._status.trouble = (
                f"{ended.missed} files of the scan folder can't be read: see the log for why."
            )
            return
        if ended.until == self._ended:  # a story stands still, and is looked at often
            self._status.read(ended.until)
            return
        due = self._told is None or abs(ended.until - self._told) >= TELL_EVERY
        service = ServiceId(self._folder.service) if self._folder.service else None
        await self._passes.end(EndedPass(ended.source, service, ended.until, told=due))
        self._ended = ended.until
        if due:
            self._told = ended.until
        self._status.read(ended.until)
