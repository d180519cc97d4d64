"""A scan folder, watched and rescanned: network shares tell nothing, so looking is the truth.

    a file stands still → is copied out → is whole → is cut into documents → each is yielded
    each is taken (kept and committed by whoever listens) → the file moves to `.pris/<day>/`

A crash anywhere leaves the file in the folder; it is read again and gives the same arrivals.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from services.ingest.domain.document import PassEnded, ScannedDocument
from services.ingest.domain.separators import Sheets
from services.ingest.domain.settling import Patience, Settled, Stamp, may_read
from services.ingest.faults import TooLarge, Truncated, Unreadable
from services.ingest.reader import ReadingProcess
from services.ingest.scan_documents import Copy, SortingTable, first_seen
from services.ingest.scan_files import Found, copy_out, list_files, put_away
from services.ingest.turns import turn
from shared.clock import Clock
from shared.code_keys import CodeKeys
from shared.errors import TemporaryFailure
from shared.facts.envelope import Digest
from shared.logs import Log
from shared.site.bundle import AppliedSite
from shared.site.mailboxes import ScanFolder

log = Log("scans")


@dataclass(slots=True)
class _Standing:
    """What is remembered of a path while it stands in the folder."""

    stamp: Stamp
    since: float
    """Monotonic seconds since which it has not changed."""
    cut_short: bool = False
    """It was opened as it is now and ends before its end."""
    refused: bool = False
    """It does not let itself be read, and the log said so."""


@dataclass(slots=True)
class _Pending:
    """A file whose documents were yielded and are not all taken."""

    found: Found
    digest: Digest
    read_at: float
    """Monotonic seconds."""
    open: set[tuple[int, int]] = field(default_factory=set)
    """First and last page of the documents that were yielded and not taken."""
    complete: bool = False
    """Its last document was yielded."""

    @property
    def done(self) -> bool:
        """Whether nothing holds the file in the folder any more."""
        return self.complete and not self.open


class ScanFolderSource:
    """A `ScanSource` (services/ingest/domain/document.py) on a folder of this machine or a share.

    `server_dates`: the folder's server says since when a file stands there; not in a story, which
    lives at another time. What was not taken for `again` is yielded once more. Copies are read in
    `copies`, else among this machine's temporary files. `share`: see `list_files`.
    """

    def __init__(
        self,
        root: Path,
        table: SortingTable,
        clock: Clock,
        *,
        patience: Patience | None = None,
        every: timedelta = timedelta(seconds=3),
        again: timedelta = timedelta(minutes=2),
        largest: int = 300_000_000,
        server_dates: bool = True,
        share: bool = False,
        copies: Path | None = None,
    ) -> None:
        self._root = root
        self._table = table
        self._clock = clock
        self._patience = patience or Patience()
        self._every = every
        self._again = again
        self._largest = largest
        self._server_dates = server_dates
        self._share = share
        self._copies = copies
        self._standing, self._pending = dict[Path, _Standing](), dict[Path, _Pending]()

    @property
    def source(self) -> str:
        """`scans:<id>`."""
        return self._table.source

    async def documents(self) -> AsyncGenerator[ScannedDocument | PassEnded, None]:
        """See `ScanSource`."""
        self._pending.clear()
        while True:
            async with turn(self._clock, self._every) as due:
                until = self._clock.now()
                missed = 0
                for found in await self._list():
                    try:
                        async with aclosing(self._documents_of(found)) as documents:
                            async for document in documents:
                                yield document
                    except OSError as error:
                        missed += 1
                        self._complain(found, error)
                yield PassEnded(self.source, until, missed)
                await due

    async def taken(self, document: ScannedDocument) -> None:
        """See `ScanSource`."""
        for pending in list(self._pending.values()):
            if pending.digest == document.file:
                pending.open.discard((document.first_page, document.last_page))
                if pending.done:
                    await self._put_away(pending)

    async def _list(self) -> list[Found]:
        try:
            files = await asyncio.to_thread(list_files, self._root, share=self._share)
        except OSError as error:
            raise TemporaryFailure(
                f"Scan folder {self.source} can't be read ({error.strerror}): check that the share "
                "is mounted and that this service may read and write it."
            ) from error
        there = {found.path for found in files}
        self._standing = {path: one for path, one in self._standing.items() if path in there}
        self._pending = {path: one for path, one in self._pending.items() if path in there}
        return files

    async def _documents_of(self, found: Found) -> AsyncGenerator[ScannedDocument, None]:
        settled = self._settled(found)
        if settled == "wait" or await self._is_pending(found):
            return
        with tempfile.TemporaryDirectory(prefix="scan-", dir=self._copies) as folder:
            copy = await self._copy(found, Path(folder) / "scan")
            if copy is None:  # somebody writes to it
                return
            pending = _Pending(found, copy.digest, time.monotonic())
            try:
                if found.stamp.size > self._largest:
                    raise TooLarge
                async with aclosing(self._table.documents(copy)) as documents:
                    async for document, last in documents:
                        yield self._expect(pending, document, last=last)
            except Unreadable as fault:
                if isinstance(fault, Truncated) and settled == "if_whole":
                    self._standing[found.path].cut_short = True
                    return
                quarantined = self._table.quarantined(copy, fault.reason)
                yield self._expect(pending, quarantined, last=True)

    async def _copy(self, found: Found, path: Path) -> Copy | None:
        """A copy that nobody changes while it is read."""
        digest = await asyncio.to_thread(copy_out, found, path, self._largest)
        now = self._clock.now()
        seen = first_seen(found, now) if self._server_dates else now
        return None if digest is None else Copy(found, digest, path, seen)

    def _complain(self, found: Found, error: OSError) -> None:
        """Say once, without its name, that a file can't be read; the pass never ends meanwhile."""
        standing = self._standing.get(found.path)
        if standing is not None and not standing.refused:
            standing.refused = True
            log.warning("scan_not_readable", source=self.source, error=error.errno)

    def _settled(self, found: Found) -> Settled:
        now = time.monotonic()
        standing = self._standing.get(found.path)
        if standing is None or standing.stamp != found.stamp:
            standing = self._standing[found.path] = _Standing(found.stamp, now)
        still_for = timedelta(seconds=now - standing.since)
        settled = may_read(found.path.name, still_for, self._patience)
        return "wait" if settled == "if_whole" and standing.cut_short else settled

    async def _is_pending(self, found: Found) -> bool:
        """Whether its documents were yielded as it is now, and there is still time to take them."""
        pending = self._pending.get(found.path)
        if pending is None or pending.found.stamp != found.stamp:
            return False
        if pending.done:  # the folder could not be written to
            await self._put_away(pending)
            return True
        return time.monotonic() - pending.read_at < self._again.total_seconds()

    def _expect(
        self, pending: _Pending, document: ScannedDocument, *, last: bool
    ) -> ScannedDocument:
        """Remember that this document must be taken before its file moves."""
        self._pending[pending.found.path] = pending
        pending.open.add((document.first_page, document.last_page))
        pending.complete = last
        return document

    async def _put_away(self, pending: _Pending) -> None:
        day = self._clock.now().astimezone(self._table.zone).date()
        try:
            await asyncio.to_thread(put_away, self._root, pending.found, pending.digest, day)
        except OSError as error:
            # Without a trace: it would show the file's name.
            log.error("scan_not_put_away", source=self.source, error=error.errno)  # noqa: TRY400
            return
        self._pending.pop(pending.found.path, None)


def open_scan_folder(
    rules: tuple[AppliedSite, CodeKeys],
    row: ScanFolder,
    base: Path,
    copies: Path,
    reading: ReadingProcess,
    clock: Clock,
    patience: Patience | None = None,
) -> ScanFolderSource:
    """The source of a line of mailboxes.yaml; `base` is VAGUEMESTRE_SCANS.

    `rules`: the applied site, and what proves its codes. The source keeps to the services and
    codes of this version: open it anew when another one applies.
    """
    applied, keys = rules
    site = applied.site

    def oldest(day: date) -> date:
        return applied.days.add(day, -site.identity.day_sheet_days)

    sheets = Sheets(
        keys=keys,
        department=site.identity.department,
        services=site.service.keys(),
        departures=row.departures,
    )
    return ScanFolderSource(
        base / row.folder,
        SortingTable(f"scans:{row.id}", sheets, oldest, site.zone, reading, reading),
        clock,
        patience=patience,
        every=(patience or Patience()).still,
        server_dates=not site.identity.demo,
        share=row.share,
        copies=copies,
    )
