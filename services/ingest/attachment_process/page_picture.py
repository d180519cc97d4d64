"""Whether the picture of a PDF's page agrees with its text layer, without reading the picture.

A layer may say what nobody sees (invisible, white, beside the page), and a page may show what no
layer says (letters drawn as outlines). A small picture of the page is held against the places where
letters are said to stand; what does not agree is read by OCR as well.
"""

import ctypes

import numpy as np
import numpy.typing as npt
import pypdfium2
from pypdfium2.raw import (
    FPDF_PAGEOBJ_TEXT,
    FPDF_TEXTRENDERMODE_INVISIBLE,
    FPDF_PageToDevice,
    FPDFTextObj_GetTextRenderMode,
)

Ink = npt.NDArray[np.bool_]

_SCALE = 50 / 72
"""Fifty dots an inch: a line of text is eight dots high."""
_MOST_PIXELS = 4_000_000
_WHITE = 255
_INK = 40
"""Levels of grey by which ink differs from the paper."""
_SEEN = 0.02
"""The share of a place that must be ink for letters to be seen there."""
_HIDDEN = 0.2
"""The share of the letters that may stand where nothing is seen."""
_UNSAID = 0.5
"""The share of the ink that may stand where no letter is said to: rules, logos, signatures."""
_LEAST_INK = 0.002
"""Of a page: below it what no letter explains is a line or a stamp."""
_MOST_OBJECTS = 2_000
_DEEPEST = 3


def disagrees(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> bool:
    """Whether a PDF page shows other text than its text layer, or hides text, or is too large.

    A page that can't be drawn raises what pypdfium2 raises.
    """
    width, height = page.get_size()
    if width * height * _SCALE**2 > _MOST_PIXELS or _has_invisible_text(page):
        return True
    ink = _ink_of(page)
    said = np.zeros_like(ink)
    letters = hidden = 0.0
    for number in range(text.count_rects()):
        top, bottom, left, right = _place(page, ink, text.get_rect(number))
        length = max(1, right - left)
        letters += length
        inside = ink[top:bottom, left:right]
        if np.count_nonzero(inside) <= _SEEN * inside.size:
            hidden += length
        said[top:bottom, left:right] = True
    unsaid = int(np.count_nonzero(ink & ~said))
    shown = int(np.count_nonzero(ink))
    return hidden > _HIDDEN * letters or unsaid > max(_UNSAID * shown, _LEAST_INK * ink.size)


def _has_invisible_text(page: pypdfium2.PdfPage) -> bool:
    """Whether letters are written without being drawn, as a copier's OCR does, or a joker."""
    found = page.get_objects(filter=[FPDF_PAGEOBJ_TEXT], max_depth=_DEEPEST)
    return any(
        FPDFTextObj_GetTextRenderMode(written) == FPDF_TEXTRENDERMODE_INVISIBLE
        for written, _ in zip(found, range(_MOST_OBJECTS), strict=False)
    )


def _ink_of(page: pypdfium2.PdfPage) -> Ink:
    """Which dots of the page are not paper; the paper is what most of it is."""
    bitmap = page.render(scale=_SCALE, grayscale=True)
    grey = bitmap.to_numpy().reshape(bitmap.height, bitmap.width, -1)[:, :, 0]
    paper = _paper_of(grey)
    ink: Ink = grey < paper - _INK
    if paper + _INK < _WHITE:  # numpy takes ten times as long where no dot can be lighter
        ink |= grey > paper + _INK
    return ink


def _paper_of(grey: npt.NDArray[np.uint8]) -> float:
    """The median of the dots; what more than half of them are is the median, and a corner is."""
    corner = int(grey[0, 0])
    found = 2 * np.count_nonzero(grey == corner) > grey.size
    return corner if found else float(np.median(grey))


def _place(
    page: pypdfium2.PdfPage, ink: Ink, box: tuple[float, float, float, float]
) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of a box of the page among the dots, a dot more on each side."""
    height, width = ink.shape
    corners = [_dot(page, width, height, box[0], box[1]), _dot(page, width, height, box[2], box[3])]
    across, down = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    return (
        max(0, min(height, down[0] - 1)),
        max(0, min(height, down[1] + 2)),
        max(0, min(width, across[0] - 1)),
        max(0, min(width, across[1] + 2)),
    )


def _dot(page: pypdfium2.PdfPage, width: int, height: int, x: float, y: float) -> tuple[int, int]:
    """Where a point of the page lies in its picture, turned as the page is."""
    across, down = ctypes.c_int(), ctypes.c_int()
    FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value, down.value
