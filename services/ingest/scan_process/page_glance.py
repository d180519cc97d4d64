"""What a page shows at a glance: its QR codes with their width on paper, else how much is there.

Codes are looked for at 150 dpi, which takes a few milliseconds; again at 300
on a page that has something else on it, where a small or worn sticker may hide,
and once more with its grain smoothed away (ADR 0085).
"""

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from services.ingest.domain.page_codes import SeenCode, SeenPage
from services.ingest.scan_process.beside import written_beside
from services.ingest.scan_process.ink import found_on
from services.ingest.scan_process.pages import ScanPages
from services.ingest.scan_process.patch_codes import patch_codes

_FIRST_DPI, _SECOND_DPI = 150, 300
_MM = 25.4
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_FOREIGN = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]
)


def look(pages: ScanPages, number: int, *, foreign: bool = False) -> SeenPage:
    """Looks at a scanned page (from 1) for QR codes, and whether it is blank or faint.

    `foreign`: for the codes of other products' sheets as well, which takes twice as long.

    Raises:
        UnreadableScan: it can't be drawn.
    """
    picture, dpi = pages.picture(number, _FIRST_DPI)
    codes = _codes(picture, dpi)
    others = (*patch_codes(picture, dpi), *_codes(picture, dpi, _FOREIGN)) if foreign else ()
    if codes:
        return SeenPage(number, codes + others)
    found = found_on(picture, dpi)
    if found == "nothing" and not others:
        return SeenPage(number, blank=True)
    finer = pages.picture(number, _SECOND_DPI)
    codes = (_codes(*finer) or _codes(*_smoothed(*finer))) + others
    if foreign and not others:
        codes += _codes(*finer, _FOREIGN)
    return SeenPage(number, codes, faint=found == "faint" and not codes)


def _smoothed(picture: Image.Image, dpi: float) -> tuple[Image.Image, float]:
    """Half of each pixel goes to its neighbours: grain goes, a sticker's modules stay."""
    return picture.filter(ImageFilter.BoxBlur(0.5)), dpi


def _codes(
    picture: Image.Image, dpi: float, formats: zxingcpp.BarcodeFormats = _QR
) -> tuple[SeenCode, ...]:
    found = zxingcpp.read_barcodes(np.asarray(picture), formats=formats, try_invert=False)
    return tuple(
        SeenCode(
            code.text,
            _width(code.position) / dpi * _MM,
            formats is _QR and written_beside(picture, dpi, code.position),
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
