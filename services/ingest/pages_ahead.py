"""The pages of a file, the next one read by OCR while one is waited for: two at once, never more.

A page that is read ahead waits for a free reading process and for nothing else, least of all for
whoever takes what was read: so it always ends, and nobody waits for it who holds what it needs.
Files take turns in the reading processes; one whose pages are slow has one in work at a time.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from services.ingest.ocr import Ocr, PageText

SLOW_SECONDS = 15.0
"""A page that took so long, or was late, is the last behind which another is read ahead."""


class PagesAhead:
    """An `Ocr` for one file that reads the next page already while one is waited for.

    Pages are asked in their order. Made by `read_ahead`.
    """

    def __init__(self, ocr: Ocr, pages: Iterable[int]) -> None:
        self._ocr = ocr
        self._later = deque(pages)
        self._next: dict[int, asyncio.Task[PageText]] = {}
        """The page that is read ahead, if one is."""
        self._alone = False
        """Whether a page was slow, late or could not be read: from then on one at a time."""

    async def read(self, file: Path, page: int) -> PageText:
        """Returns the OCR text of a page, and begins to read the next one meanwhile."""
        while self._later and self._later[0] <= page:
            self._later.popleft()
        reading = self._next.pop(page, None) or self._begin(file, page)
        try:
            if self._later and not self._alone and not self._next:
                following = self._later.popleft()
                self._next[following] = self._begin(file, following)
            text = await reading
        finally:
            if not reading.done():
                await _ended(reading)
        self._alone = self._alone or text.seconds > SLOW_SECONDS or text.reason is not None
        return text

    async def end(self) -> None:
        """Cancels the reading of a page that nobody has asked for."""
        ahead, self._next = self._next, {}
        await _ended(*ahead.values())

    def _begin(self, file: Path, page: int) -> "asyncio.Task[PageText]":
        return asyncio.create_task(self._ocr.read(file, page))


@asynccontextmanager
async def read_ahead(ocr: Ocr, pages: Iterable[int]) -> AsyncIterator[PagesAhead]:
    """A context manager that gives an `Ocr` for one file which reads these pages ahead, in order.

    At the end of the block what is still being read is cancelled.
    """
    ahead = PagesAhead(ocr, pages)
    try:
        yield ahead
    finally:
        await ahead.end()


async def _ended(*reading: "asyncio.Task[PageText]") -> None:
    for page in reading:
        page.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
