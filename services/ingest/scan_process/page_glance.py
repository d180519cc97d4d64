"""What a page shows at a glance: its QR codes with their width on paper, else how much is there.

Codes are looked for at 150 dpi, which takes a few milliseconds; again at 300
on a page that has something else on it, where a small or worn sticker may hide.
"""

import numpy as np
import zxingcpp
from PIL import Image

from services.ingest.domain.separators import SeenCode, SeenPage
from services.ingest.scan_process.beside import written_beside
from services.ingest.scan_process.ink import found_on
from services.ingest.scan_process.pages import ScanPages

_FIRST_DPI, _SECOND_DPI = 150, 300
_MM = 25.4
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def look(pages: ScanPages, number: int) -> SeenPage:
    """Looks at a scanned page (from 1) for QR codes, and whether it is blank or faint.

    Raises:
        UnreadableScan: it can't be drawn.
    """
    picture, dpi = pages.picture(number, _FIRST_DPI)
    codes = _codes(picture, dpi)
    if codes:
        return SeenPage(number, codes)
    found = found_on(picture, dpi)
    if found == "nothing":
        return SeenPage(number, blank=True)
    codes = _codes(*pages.picture(number, _SECOND_DPI))
    return SeenPage(number, codes, faint=found == "faint" and not codes)


def _codes(picture: Image.Image, dpi: float) -> tuple[SeenCode, ...]:
    found = zxingcpp.read_barcodes(np.asarray(picture), formats=_QR, try_invert=False)
    return tuple(
        SeenCode(
            code.text,
            _width(code.position) / dpi * _MM,
            written_beside(picture, dpi, code.position),
        )
        for code in found
    )


def _width(position: zxingcpp.Position) -> float:
    """The longest side of the code, pixels."""
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    around = (*corners[1:], corners[0])
    return max(float(np.hypot(a.x - b.x, a.y - b.y)) for a, b in zip(corners, around, strict=True))
