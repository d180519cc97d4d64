"""OCR: what the picture of a page says, in French, and how sure the machine is.

The door to it is `Ocr`; the real one is the reading process (ingest/scan_reader.py) with its
Tesseract, and the in-memory one stands in tests. A page that can't be read costs its text, never
its letter: the reason stands in place of the words.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field

from services.ingest.domain.page_head import HeadBlock
from services.ingest.domain.stamps import ReadStamp

_LONGEST_BOXES = 1_000_000  # of a hundred thousand words


@dataclass(frozen=True, slots=True)
class PageText:
    """The OCR text of one page, with its confidence."""

    text: str
    confidence: Annotated[float, Field(ge=0, le=100)]
    """Mean over the words, 0 to 100; 0 when there are none."""
    words: Annotated[int, Field(ge=0)]
    seconds: float
    """Of elapsed time, from the drawn page to the words."""
    reason: str | None = None
    """Why there is none: `timeout`, `crash`, `not-asked`, or one of services/ingest/faults.py."""
    stamp: ReadStamp | None = None
    """The date stamp that was read on it."""
    head: tuple[HeadBlock, ...] = ()
    """The blocks of its upper part."""
    boxes: Annotated[str, Field(max_length=_LONGEST_BOXES)] = ""
    """Where its words stand on the page as scanned (shared/content/word_places.py)."""
    turned: bool = False
    """It stands on its head."""


NO_WORDS = PageText("", 0.0, 0, 0.0)
"""A page that is blank."""
UNREAD = PageText("", 0.0, 0, 0.0, reason="not-asked")
"""A page that nobody asked to read: one of too many, or of a file that takes too long."""


class Ocr(Protocol):
    """The interface of OCR on pages of files that stand on this machine."""

    async def read(self, file: Path, page: int) -> PageText:
        """Reads the text of a page (from 1) by OCR.

        Never raises for the page's content: see `reason`.
        """
        ...
