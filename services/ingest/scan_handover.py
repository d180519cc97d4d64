"""What was yielded of each file and is not taken yet: a file leaves once all of it is taken."""

import asyncio
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from services.ingest.domain.document import ScannedDocument
from services.ingest.scan_files import ScanFile, put_away
from services.ingest.scan_returns import PutAway
from shared.facts.envelope import Digest
from shared.platform.observability.logs import Log

log = Log("scans")


@dataclass(slots=True)
class PendingScan:
    """A scanned file whose documents were yielded to be stored, while not all of them are yet."""

    found: ScanFile
    digest: Digest
    read_at: float = field(default_factory=time.monotonic)
    open: set[tuple[int, int]] = field(default_factory=set)
    """First and last page of the documents that were yielded and not taken."""
    complete: bool = False
    """Its last document was yielded."""

    @property
    def done(self) -> bool:
        """Whether every document of the file is stored, so that it may leave the scan folder."""
        return self.complete and not self.open


class ScanHandover:
    """The scanned files of a folder that wait there until their documents are stored."""

    def __init__(
        self, root: Path, source: str, away: PutAway, again: timedelta, today: Callable[[], date]
    ) -> None:
        """What was not taken for `again` is yielded once more; `today` is local."""
        self._root = root
        self._source = source
        self._away = away
        self._again = again
        self._today = today
        self._handed: dict[Path, PendingScan] = {}

    def clear(self) -> None:
        """Clears the list of waiting files: nobody will confirm their documents any more."""
        self._handed.clear()

    def keep_only(self, there: AbstractSet[Path]) -> None:
        """Drops from the list the scanned files that are no longer in the folder."""
        self._handed = {path: one for path, one in self._handed.items() if path in there}

    def expect(
        self, handed: PendingScan, document: ScannedDocument, *, last: bool
    ) -> ScannedDocument:
        """Notes that a document must be stored before its scan may leave the folder; returns it.

        `last`: it is the last one of its file.
        """
        self._handed[handed.found.path] = handed
        handed.open.add((document.first_page, document.last_page))
        handed.complete = last
        return document

    async def confirm(self, document: ScannedDocument) -> None:
        """Records that a document is stored; a scanned file without any other is moved away."""
        for handed in list(self._handed.values()):
            if handed.digest == document.file:
                handed.open.discard((document.first_page, document.last_page))
                if handed.done:
                    await self._put_away(handed)

    async def waits(self, found: ScanFile) -> bool:
        """Whether to wait with a scanned file whose yielded documents may yet be stored in time.

        A file whose documents are all stored is moved away first.
        """
        handed = self._handed.get(found.path)
        if handed is None or handed.found.stamp != found.stamp:
            return False
        if handed.done:  # the folder could not be written to
            await self._put_away(handed)
            return True
        return time.monotonic() - handed.read_at < self._again.total_seconds()

    async def _put_away(self, handed: PendingScan) -> None:
        try:
            await asyncio.to_thread(self._move, handed)
        except OSError as error:
            # Without a trace: it would show the file's name.
            log.error("scan_not_put_away", source=self._source, error=error.errno)  # noqa: TRY400  (no trace: it would show values)
            return
        self._handed.pop(handed.found.path, None)

    def _move(self, handed: PendingScan) -> None:
        found = handed.found
        place = put_away(self._root, found, handed.digest, self._today())
        if place is not None:
            self._away.remember(place, found.folders)
