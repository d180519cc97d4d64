"""What a page shows at a glance: its QR codes with their width on paper, and whether it is blank.

Codes are looked for at 150 dpi, which takes a few milliseconds; again at 300
on a page that has something else on it, where a small or worn sticker may hide.
"""

from bisect import bisect_left
from itertools import accumulate

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from services.ingest.domain.separators import SeenCode, SeenPage
from services.ingest.reading.beside import written_beside
from services.ingest.reading.pages import Pages

_FIRST_DPI, _SECOND_DPI = 150, 300
_EDGE_MM = 6.0  # a copier's dark rim, the shadow of the paper's edge
_DARKER = 40  # grey levels below the paper that count as ink; faint pencil is about 60 below
_PLENTY = 20_000  # pixels of ink at 150 dpi that no dust makes
_SPECKS = 12  # pixels at 150 dpi (0.35 mm²) that dust leaves after the median filter
_MM = 25.4
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def look(pages: Pages, number: int) -> SeenPage:
    """What page `number` (from 1) shows.

    Raises:
        Unreadable: it can't be drawn.
    """
    picture, dpi = pages.picture(number, _FIRST_DPI)
    codes = _codes(picture, dpi)
    if codes:
        return SeenPage(number, codes)
    if is_blank(picture, dpi):
        return SeenPage(number, blank=True)
    return SeenPage(number, _codes(*pages.picture(number, _SECOND_DPI)))


def is_blank(picture: Image.Image, dpi: float) -> bool:
    """Whether nothing at all is on the paper: one word in pencil or a pale stamp is something."""
    edge = round(_EDGE_MM / _MM * dpi)
    if min(picture.size) <= 4 * edge:
        return False
    inside = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
    # The median of nine pixels takes dust away and leaves strokes, slowly: only if dust may be all.
    return _ink(inside) <= _PLENTY and _ink(inside.filter(ImageFilter.MedianFilter(3))) <= _SPECKS


def _ink(picture: Image.Image) -> int:
    """Pixels clearly darker than the paper, which is the median of the page."""
    shades = list(accumulate(picture.histogram()))
    paper = bisect_left(shades, shades[-1] / 2)
    return shades[paper - _DARKER] if paper >= _DARKER else 0


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
