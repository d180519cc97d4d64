"""A reader of files without pictures: a file is a list of words, one a page.

`sheet` separates, `blank` shows nothing, `faint` is a page on which no word is read, `VGM1:…` one
that bears this code; anything else is a page that says so. A file that ends before `end` is still
being written.
"""

import asyncio
from collections.abc import Collection
from pathlib import Path

from services.ingest.domain.page_codes import SeenCode, SeenPage
from services.ingest.faults import Bomb, Truncated
from services.ingest.ocr import NO_WORDS, PageText
from services.ingest.scan_reader import OpenedScan
from shared.facts.envelope import ServiceId
from shared.paper.codes import SeparatorCode
from tests.code_keys import KEYS
from tests.papers import BMI

SHEET = SeenCode(KEYS.write(SeparatorCode("indre", ServiceId(BMI.id))), 90.0)


def a_file(*pages: str) -> bytes:
    """A file that is whole."""
    return "\n".join((*pages, "end")).encode()


class FakeLectern:
    """A `ScanReader` and an `Ocr`."""

    def __init__(self, late: Collection[int] = (), slow: str = "") -> None:
        """`late`: pages on which whoever looks dies; a file that says `slow` is never opened."""
        self._late = late
        self._slow = slow

    async def open(self, file: Path) -> OpenedScan:
        """See `ScanReader`."""
        pages = _pages(file)
        if self._slow in pages:
            await asyncio.Event().wait()
        return OpenedScan(len(pages), "application/pdf")

    async def look(self, file: Path, page: int, *, foreign: bool = False) -> SeenPage:
        """See `ScanReader`; no other product has sheets here."""
        del foreign
        if page in self._late:
            raise Bomb
        match _pages(file)[page - 1]:
            case "sheet":
                return SeenPage(page, (SHEET,))
            case "blank":
                return SeenPage(page, blank=True)
            case "faint":
                return SeenPage(page, faint=True)
            case code if code.startswith("VGM1:"):
                return SeenPage(page, (SeenCode(code, 90.0 if ":DAY:" in code else 20.0),))
            case _:
                return SeenPage(page)

    async def cut(self, file: Path, first: int, last: int) -> bytes:
        """See `ScanReader`."""
        return "\n".join(_pages(file)[first - 1 : last]).encode()

    async def read(self, file: Path, page: int) -> PageText:
        """See `Ocr`."""
        said = _pages(file)[page - 1]
        if said in {"sheet", "blank", "faint"}:
            return NO_WORDS
        return PageText(said, 95.0, len(said.split()), 0.0)


def _pages(file: Path) -> list[str]:
    *pages, end = file.read_text().split("\n")
    if end != "end" or not pages:
        raise Truncated
    return pages
