"""OCR without pictures: each page says what the test wrote for it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from services.ingest.faults import DamagedScan
from services.ingest.ocr import NO_WORDS, PageText


class FakeOcr:
    """An `Ocr` that knows files by their octets; of any other it says that it is damaged."""

    def __init__(self) -> None:
        self._pages: dict[str, Sequence[str]] = {}
        self.asked: list[int] = []
        """Pages that were read, in order."""

    def knows(self, octets: bytes, pages: Sequence[str]) -> None:
        """What the pages of a file say."""
        self._pages[hashlib.sha256(octets).hexdigest()] = pages

    async def read(self, file: Path, page: int) -> PageText:
        """See `Ocr`."""
        self.asked.append(page)
        octets = file.read_bytes()  # noqa: ASYNC240  (a small file, in a test)
        pages = self._pages.get(hashlib.sha256(octets).hexdigest(), ())
        if not 1 <= page <= len(pages):
            return PageText("", 0.0, 0, 0.0, reason=DamagedScan.reason)
        words = len(pages[page - 1].split())
        return PageText(pages[page - 1], 95.0, words, 0.01) if words else NO_WORDS
