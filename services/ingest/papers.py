"""Papers outside a scan folder: what somebody hands in, and documents that are read again."""

import asyncio
import hashlib
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.file_stability import FileStamp
from services.ingest.faults import UnreadableScan
from services.ingest.media import HEAD, media_type
from services.ingest.ocr import Ocr
from services.ingest.pages_ahead import read_ahead
from services.ingest.scan_cuts import CuttingsOfThisRun
from services.ingest.scan_documents import Copy, ScanCutter, legible, read_pages
from services.ingest.scan_files import ScanFile
from services.ingest.scan_reader import ScanReader
from shared.content.spool import SOURCE, SpoolFile
from shared.errors import PermanentFailure
from shared.facts.envelope import Digest

_NO_STAMP = FileStamp(0, 0, 0)
_PAGES = 400
"""Of one file that somebody hands in, read within some minutes; ten of each letter in any case."""


class PaperReader:
    """The reader of single papers (uploads, scans judged again) by OCR, one paper at a time."""

    def __init__(
        self, lectern: ScanReader, ocr: Ocr, copies: Path, cutter: ScanCutter | None = None
    ) -> None:
        """`cutter`: cuts what somebody hands in at our sheets; `None`: nothing is cut."""
        self._lectern = lectern
        self._ocr = ocr
        self._copies = copies
        self._cutter = cutter

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

    async def documents(
        self, file: SpoolFile, octets: bytes, at: datetime, named: str = ""
    ) -> list[ScannedDocument]:
        """Cuts a file that was handed in at our separator sheets and stickers, and reads it by OCR.

        Returns one document or more, in order; what can't be opened is one, with its reason. `at`:
        when it was handed in. `named`: what it is called while it is taken in; it is then cut the
        same way each time. Without it, how it is cut is not kept.

        Raises TemporaryFailure if how it was cut can't be read or stored now.
        """
        if self._cutter is None:
            return [whole_paper(file, octets, at, await self.read(octets))]
        with tempfile.TemporaryDirectory(prefix="paper-", dir=self._copies) as folder:
            path = Path(folder) / "paper"
            await asyncio.to_thread(path.write_bytes, octets)
            digest = Digest(hashlib.sha256(octets).hexdigest())
            cuttings = self._cutter.cuttings if named else CuttingsOfThisRun()
            cutter = replace(
                self._cutter, source=f"{SOURCE}:{named}", cuttings=cuttings, most_together=_PAGES
            )
            copy = Copy(ScanFile(Path(file.name or "-"), (), _NO_STAMP), digest, path, at)
            try:
                found = [document async for document, _ in cutter.documents(copy)]
            except UnreadableScan as fault:
                return [whole_paper(file, octets, at, Illegible(fault.reason))]
        return [replace(document, source=SOURCE) for document in found]

    async def _is_blank(self, path: Path, number: int) -> bool:
        try:
            return (await self._lectern.look(path, number)).blank
        except UnreadableScan:
            return False


def whole_paper(
    file: SpoolFile, octets: bytes, at: datetime, reading: Legible | Illegible
) -> ScannedDocument:
    """Makes the document that a file handed in is when it is not cut, with what was read of it."""
    return ScannedDocument(
        source=SOURCE,
        file=file.sha256,
        first_page=0,
        last_page=0,
        octets=octets,
        media_type=file.media_type,
        name=file.name,
        first_seen=at,
        reading=reading,
    )


async def read_upload(
    papers: PaperReader | None, file: SpoolFile, octets: bytes, at: datetime, named: str = ""
) -> list[ScannedDocument]:
    """Reads an uploaded file: a scan by OCR, cut at our sheets; any other kind gives no text.

    `named`: see `PaperReader.documents`, whose errors it raises.
    """
    if papers is None or media_type(octets[:HEAD]) is None:
        return [whole_paper(file, octets, at, Legible((), 0))]
    return await papers.documents(file, octets, at, named)


def clear_copies(folder: Path) -> None:
    """Empties the folder for copies of papers, or makes it: none of a killed process may stay.

    Raises PermanentFailure when it can't be made.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise PermanentFailure(
            f"{folder} can't be made ({error.strerror}): check VAGUEMESTRE_SPOOL."
        ) from error
