"""A scanned file as pages: how many, what each looks like, and some of them as a file of their own.

Everything here reads hostile octets with C libraries and runs in the reading process
(services/ingest/scan_process), which may be killed at any moment. A page is always a grey picture
of the paper: a PDF's text layer, forms and scripts are never asked.
"""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from services.ingest.media import MediaType


@dataclass(frozen=True, slots=True)
class PageLimits:
    """The size limits of a scanned file; a real copier stays far below."""

    octets: int = 300_000_000
    pages: int = 2_000
    samples: int = 110_000_000
    """Octets of one unpacked page: a colour A4 at 600 dpi has 104 million."""
    rendered: int = 20_000_000
    """Pixels of one drawn page; a bigger sheet is drawn smaller. A3 at 300 dpi has 17 million."""


class ScanPages(Protocol):
    """The interface of an open scanned file as pages."""

    @property
    def media_type(self) -> MediaType:
        """The file's media type: PDF, TIFF, JPEG or PNG."""
        ...

    @property
    def count(self) -> int:
        """The number of pages in the scanned file."""
        ...

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """Draws a page (from 1) of a scanned file in grey; also returns its real dots per inch.

        Raises:
            UnreadableScan: this page can't be drawn.
        """
        ...

    def cut(self, first: int, last: int) -> bytes:
        """Returns pages `first` to `last` (from 1, included) as a file of the same type.

        They are not compressed again where the file allows it.
        """
        ...
