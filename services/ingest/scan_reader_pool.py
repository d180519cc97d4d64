"""Several reading processes, so that a page that takes long keeps nobody from reading another.

A file has two pages in work at a time, in whichever processes are free, and one once its pages are
slow or can't be read (scan_documents.py, pages_ahead.py): a process is left for another file.
Among those free, the one that has the file open is asked first. Whoever has a process asks it once
and gives it back: nobody waits for another page while they hold one.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from services.ingest.domain.page_codes import SeenPage
from services.ingest.ocr import Ocr, PageText
from services.ingest.scan_reader import OpenedScan, ReaderTimeouts, ScanReader, ScanReaderProcess

FEWEST, MOST = 3, 4
"""Processes: three even on one core, two for a file and one for another while its pages are slow;
each takes up to 250 MB, from the first time that so many are asked at once."""


class ScanReaderWithOcr(ScanReader, Ocr, Protocol):
    """The interface of a reader of scanned files with OCR: a `ScanReader` and an `Ocr`."""


class ScanReaderPool:
    """A pool of scan reading processes, so that a slow page holds up no other."""

    def __init__(
        self,
        tessdata: Path,
        allowance: ReaderTimeouts | None = None,
        count: int | None = None,
        folders: Sequence[Path] = (Path("/"),),
    ) -> None:
        """Start nothing yet; by default one process for two cores, which reads in `folders`.

        Raises:
            PermanentFailure: `tessdata` has no French data.
        """
        many = count or min(max((os.cpu_count() or 1) // 2, FEWEST), MOST)
        self._free = [ScanReaderProcess(tessdata, allowance, folders) for _ in range(many)]
        self._all = tuple(self._free)
        self._has_open: dict[ScanReaderProcess, Path] = {}
        self._turns = asyncio.Semaphore(many)

    async def open(self, file: Path) -> OpenedScan:
        """Opens a scanned file in a free reading process, and checks that it is whole."""
        async with self._one(file) as process:
            return await process.open(file)

    async def look(self, file: Path, page: int, *, foreign: bool = False) -> SeenPage:
        """Looks, in a free reading process, for QR codes and ink on a page."""
        async with self._one(file) as process:
            return await process.look(file, page, foreign=foreign)

    async def cut(self, file: Path, first: int, last: int) -> bytes:
        """Cuts pages out of a scanned file, in a free reading process."""
        async with self._one(file) as process:
            return await process.cut(file, first, last)

    async def read(self, file: Path, page: int) -> PageText:
        """Reads a page by OCR, in a free reading process."""
        async with self._one(file) as process:
            return await process.read(file, page)

    async def close(self) -> None:
        """Ends all reading processes of the pool."""
        await asyncio.gather(*(process.close() for process in self._all))

    @asynccontextmanager
    async def _one(self, file: Path) -> AsyncIterator[ScanReaderProcess]:
        async with self._turns:
            process = next((p for p in self._free if self._has_open.get(p) == file), None)
            process = process or self._free[0]
            self._free.remove(process)
            self._has_open[process] = file
            try:
                yield process
            finally:
                # Last: who waits longest for its file to come back is taken for another.
                self._free.append(process)
