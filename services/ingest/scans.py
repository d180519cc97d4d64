"""A scan folder, watched and rescanned: network shares tell nothing, so looking is the truth.

    a file stands still → is copied out → is whole → is cut into documents → each is yielded
    each is taken (kept and committed by whoever listens) → the file moves to `.pris/<day>/`
    it is looked at again for the site's time → comes back when it changed (scan_returns.py)

Several files are in hand at a time, so that none waits for a slow one. A crash anywhere leaves the
file in the folder; it is read again and cut as it was, and gives the same arrivals.
"""

import asyncio
import errno
import os
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from services.ingest.domain.document import PassEnded, ScannedDocument
from services.ingest.domain.file_stability import StabilityLimits
from services.ingest.faults import TooLargeScan, UnreadableScan
from services.ingest.paper_antivirus import file_unlooked, marked_by
from services.ingest.poll_loop import turn
from services.ingest.scan_cuts import Cuttings
from services.ingest.scan_documents import Copy, ScanCutter
from services.ingest.scan_files import Ignored, ScanFile, copy_out, first_seen, list_files
from services.ingest.scan_handover import PendingScan, ScanHandover
from services.ingest.scan_reader_pool import ScanReaderWithOcr
from services.ingest.scan_returns import PutAway
from services.ingest.scan_stability import FileStability
from services.ingest.sheet_cutter import PaperRules, cutter_of
from shared.errors import TemporaryFailure
from shared.platform.antivirus import Antivirus
from shared.platform.clock import Clock
from shared.platform.observability.logs import Log
from shared.platform.postgres.rows import UnreadableRow
from shared.site.tables.mailboxes import ScanFolder

log = Log("scans")
_Told: TypeAlias = "asyncio.Queue[ScannedDocument | PassEnded]"
_IN_HAND = 4
"""Files of one folder that are read at the same time; each holds a copy and a page in memory."""


@dataclass(slots=True)
class _Pass:
    """What stood complete in the folder at one moment, as far as it is not yielded yet."""

    until: datetime
    left: set[Path]
    missed: int = 0


class ScanFolderSource:
    """The watch over one scan folder, on this machine or a network share (a `ScanSource`).

    `server_dates`: the folder's server tells since when a file stands there (not on a demo
    site, which lives in another time). A document not confirmed after `again` is yielded once
    more. Local copies are made in `copies`, else among this machine's temporary files. `share`:
    see `list_files`. `antivirus` looks at each file before it is opened, where there is one.
    """

    def __init__(
        self,
        root: Path,
        table: ScanCutter,
        clock: Clock,
        *,
        patience: StabilityLimits | None = None,
        every: timedelta = timedelta(seconds=3),
        again: timedelta = timedelta(minutes=2),
        largest: int = 300_000_000,
        server_dates: bool = True,
        share: bool = False,
        copies: Path | None = None,
        antivirus: Antivirus | None = None,
    ) -> None:
        self._root = root
        self._antivirus = antivirus
        self._table = table
        self._clock = clock
        self._every = every
        self._largest = largest
        self._server_dates = server_dates
        self._share = share
        self._copies = copies
        patience = patience or StabilityLimits()
        self._still = FileStability(patience)
        self._away = PutAway(root, table.source, patience)
        self._handing = ScanHandover(root, table.source, self._away, again, self._today)
        self._ignored: Counter[Ignored] = Counter()
        self._in_hand: set[Path] = set()
        self._pass: _Pass | None = None

    @property
    def source(self) -> str:
        """The name of this source: `scans:<id of the folder>`."""
        return self._table.source

    async def documents(self) -> AsyncGenerator[ScannedDocument | PassEnded, None]:
        """Yields documents without end, `PassEnded` after each pass; see `ScanSource.documents`."""
        self._handing.clear()
        self._in_hand.clear()
        self._pass = None
        told: _Told = asyncio.Queue(maxsize=1)  # documents are large: one waits, not all
        files: asyncio.Queue[ScanFile] = asyncio.Queue()
        works = [self._rounds(files, told), *(self._work(files, told) for _ in range(_IN_HAND))]
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            while True:
                getting = asyncio.ensure_future(told.get())
                try:
                    await asyncio.wait([getting, *tasks], return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not getting.done():
                        getting.cancel()
                if getting.done() and not getting.cancelled():
                    yield getting.result()
                for task in tasks:
                    if task.done():
                        task.result()  # none ends but by what it raises
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _rounds(self, files: "asyncio.Queue[ScanFile]", told: _Told) -> None:
        """Look at the folder again and again, and hand out what may be read."""
        await asyncio.to_thread(self._adopt)
        seeing: asyncio.Future[None] | None = None
        while True:
            async with turn(self._clock, self._every) as due:
                until = self._clock.now()
                ready = set[Path]()
                for found in await self._list():
                    if found.path in self._in_hand or await self._is_ready(found):
                        ready.add(found.path)
                        if found.path not in self._in_hand:
                            self._in_hand.add(found.path)
                            files.put_nowait(found)
                if self._pass is None:
                    self._pass = _Pass(until, ready)
                    await self._end_pass(told)
                if seeing is None or seeing.done():  # a large file takes its time
                    seeing = asyncio.ensure_future(asyncio.to_thread(self._away.look))
                await due

    async def _work(self, files: "asyncio.Queue[ScanFile]", told: _Told) -> None:
        """Read one file after the other."""
        while True:
            found = await files.get()
            missed = 0
            try:
                async with aclosing(self._documents_of(found)) as documents:
                    async for document in documents:
                        await told.put(document)
            except OSError as error:
                if await asyncio.to_thread(os.path.lexists, found.path):  # else somebody took it
                    missed = 1
                    self._complain(found, error)
            except UnreadableRow:  # how it was cut; cut anew it could be other letters
                missed = 1
            self._in_hand.discard(found.path)
            if self._pass is not None:
                self._pass.left.discard(found.path)
                self._pass.missed += missed
                await self._end_pass(told)

    async def _end_pass(self, told: _Told) -> None:
        ended = self._pass
        if ended is not None and not ended.left:
            self._pass = None
            came_back = self._away.came_back
            ignored = {why.value: count for why, count in self._ignored.items()}
            await told.put(PassEnded(self.source, ended.until, ended.missed, ignored, came_back))

    async def confirm(self, document: ScannedDocument) -> None:
        """Confirms that a document is stored, so that its scanned file may leave the folder."""
        await self._handing.confirm(document)

    async def _list(self) -> list[ScanFile]:
        try:
            standing = await asyncio.to_thread(list_files, self._root, share=self._share)
        except OSError as error:
            raise TemporaryFailure(
                f"Scan folder {self.source} can't be read ({error.strerror}): check that the share "
                "is mounted and that this service may read and write it."
            ) from error
        files, self._ignored = standing.files, standing.ignored
        there = {found.path for found in files}
        self._still.keep_only(there)
        self._handing.keep_only(there)
        return files

    async def _documents_of(self, found: ScanFile) -> AsyncGenerator[ScannedDocument, None]:
        settled = self._still.readiness(found) == "anyway"
        with tempfile.TemporaryDirectory(prefix="scan-", dir=self._copies) as folder:
            copy = await self._copy(found, Path(folder) / "scan")
            if copy is None:  # somebody writes to it
                return
            handed = PendingScan(found, copy.digest)
            try:
                if found.stamp.size > self._largest:
                    raise TooLargeScan
                unlooked = await file_unlooked(self._antivirus, copy.path, self.source)
                async with aclosing(self._table.documents(copy, settled=settled)) as documents:
                    async for document, last in documents:
                        marked = marked_by(unlooked, document)
                        yield self._handing.expect(handed, marked, last=last)
            except UnreadableScan as fault:
                if not settled and not fault.final:
                    self._still.set_unreadable(found)
                    return
                quarantined = await self._table.quarantine(copy, fault.reason)
                if quarantined is None:
                    raise OSError(errno.EAGAIN, "it was read before") from None
                yield self._handing.expect(handed, quarantined, last=True)

    async def _copy(self, found: ScanFile, path: Path) -> Copy | None:
        """A copy that nobody changes while it is read."""
        digest = await asyncio.to_thread(copy_out, found, path, self._largest)
        now = self._clock.now()
        seen = first_seen(found, now) if self._server_dates else now
        return None if digest is None else Copy(found, digest, path, seen)

    def _complain(self, found: ScanFile, error: OSError) -> None:
        """Say once, without its name, that a file can't be read; the pass never ends meanwhile."""
        if self._still.refuses_anew(found):
            log.warning("scan_not_readable", source=self.source, error=error.errno)

    def _adopt(self) -> None:
        """Watch what a process before us put away."""
        if not self._server_dates:
            return
        today = self._today()
        with suppress(OSError):  # the first round says what is wrong with the folder
            self._away.adopt((today, today - timedelta(days=1)), self._clock.now())

    async def _is_ready(self, found: ScanFile) -> bool:
        return self._still.readiness(found) != "wait" and not await self._handing.waits(found)

    def _today(self) -> date:
        return self._clock.now().astimezone(self._table.zone).date()


def open_scan_folder(
    rules: PaperRules,
    row: ScanFolder,
    base: Path,
    copies: Path,
    reading: ScanReaderWithOcr,
    clock: Clock,
    patience: StabilityLimits | None = None,
    *,
    cuttings: Cuttings | None = None,
    antivirus: Antivirus | None = None,
) -> ScanFolderSource:
    """Opens a scan folder of mailboxes.yaml as a source; `base` is VAGUEMESTRE_SCANS.

    `cuttings`: where cuts are stored, in memory by default. `antivirus`: see the class. The source
    keeps to the services and codes of this version: open it anew when another applies.
    """
    site = rules[0].site
    return ScanFolderSource(
        base / row.folder,
        cutter_of(f"scans:{row.id}", rules, reading, row, cuttings),
        clock,
        patience=patience,
        every=(patience or StabilityLimits()).still,
        server_dates=not site.identity.demo,
        share=row.share,
        copies=copies,
        antivirus=antivirus,
    )
