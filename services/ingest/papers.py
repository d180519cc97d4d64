"""Papers outside a scan folder: what somebody hands in, and documents that are read again."""

import asyncio
import tempfile
from pathlib import Path

from services.ingest.domain.document import Illegible, Legible
from services.ingest.faults import UnreadableScan
from services.ingest.media import HEAD, media_type
from services.ingest.ocr import Ocr
from services.ingest.pages_ahead import read_ahead
from services.ingest.scan_documents import legible, read_pages
from services.ingest.scan_reader import ScanReader


class PaperReader:
    """The reader of single papers (uploads, scans judged again) by OCR, one paper at a time."""

    def __init__(self, lectern: ScanReader, ocr: Ocr, copies: Path) -> None:
        self._lectern = lectern
        self._ocr = ocr
        self._copies = copies

    async def read(self, octets: bytes) -> Legible | Illegible:
        """Reads the pages of a paper by OCR, at most forty, without blank ones.

        Returns the quarantine reason when it can't be opened.
        """
        with tempfile.TemporaryDirectory(prefix="paper-", dir=self._copies) as folder:
            path = Path(folder) / "paper"
            await asyncio.to_thread(path.write_bytes, octets)
            try:
                opened = await self._lectern.open(path)
            except UnreadableScan as fault:
                return Illegible(fault.reason)
            pages = range(1, opened.pages + 1)
            blank = [number for number in pages if await self._is_blank(path, number)]
            written = [number for number in pages if number not in blank]
            async with read_ahead(self._ocr, written) as ocr:
                return legible(await read_pages(ocr, path, pages, frozenset(blank)))

    async def _is_blank(self, path: Path, number: int) -> bool:
        try:
            return (await self._lectern.look(path, number)).blank
        except UnreadableScan:
            return False


async def read_upload(papers: PaperReader | None, octets: bytes) -> Legible | Illegible:
    """Reads an uploaded file: a scan by OCR; any other kind of file gives no text."""
    if papers is None or media_type(octets[:HEAD]) is None:
        return Legible((), 0)
    return await papers.read(octets)
