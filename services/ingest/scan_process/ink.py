"""What stands on a page, judged against the page itself: ink, something fainter, or nothing.

The paper is what lies around a spot, so that a shadow or a yellow sheet is no ink. Its grain is
measured on the page: a stroke is something where it stands out of it, and pale ink on a quiet
paper stands out as black ink does on a rough one.
"""

from typing import Literal, TypeAlias

import numpy as np
from PIL import Image, ImageFilter

Found = Literal["nothing", "faint", "ink"]

_MM = 25.4
_EDGE_MM = 6.0  # a copier's dark rim, the shadow of the paper's edge
_COARSE_DPI = 75  # grain is averaged away, a stroke of a pen is not
_FINE_DPI = 240  # from here on, half of it is enough to read
_AROUND_MM = 7.0
_SIGMAS = 6.0  # of the grain: one point in a billion is that dark by itself
_LEAST = 6.0  # grey levels: what compression and rounding make of a clean sheet
_DARKER = 40.0  # grey levels below the paper that are ink whoever looks
_PLENTY = 400  # such points: no dust, no grain
_SPECKS = 12  # points of 0.11 mm² that dust and the marks of rollers make
_BLACK = 60.0  # a sheet darker than that is no paper

Grey: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.float32]]"


def found_on(picture: Image.Image, dpi: float) -> Found:
    """Returns what is on a scanned page: ink, something faint (pencil, a pale stamp), nothing."""
    edge = round(_EDGE_MM / _MM * dpi)
    if min(picture.size) <= 4 * edge:
        return "ink"
    inside = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
    depth, grain, paper = relief(inside, dpi, _COARSE_DPI)
    if paper < _BLACK or _points(depth, max(_DARKER, threshold(grain))) > _PLENTY:
        return "ink"
    # The median of nine pixels takes dust away and leaves strokes, slowly: only if dust may be all.
    depth, grain, _ = relief(inside.filter(ImageFilter.MedianFilter(3)), dpi, _COARSE_DPI)
    if _points(depth, max(_DARKER, threshold(grain))) > _SPECKS:
        return "ink"
    return "faint" if _points(depth, threshold(grain)) > _SPECKS else "nothing"


def relief(picture: Image.Image, dpi: float, coarse: float) -> tuple[Grey, float, float]:
    """Measures how much darker than its paper each point of a page is, at `coarse` dots an inch.

    Also returns the standard deviation of the paper's grain, and the paper's shade, in grey levels.
    """
    factor = max(1, round(dpi / coarse))
    radius = max(2, round(_AROUND_MM / _MM * dpi / factor))
    around = picture.reduce(factor).filter(ImageFilter.BoxBlur(radius))
    shades = np.asarray(picture.convert("F").reduce(factor))
    depth = np.asarray(around, dtype=np.float32) - shades
    middle = float(np.median(depth))
    depth = depth - middle
    grain = 1.4826 * float(np.median(np.abs(depth)))
    return depth, grain, float(np.median(shades))


def _points(depth: Grey, level: float) -> int:
    return int((depth > level).sum())


def threshold(grain: float) -> float:
    """Returns the difference in grey levels above which a point is more than the paper's grain."""
    return max(_SIGMAS * grain, _LEAST)


def strengthen(picture: Image.Image, dpi: float) -> tuple[Image.Image, float]:
    """Prepares the picture of a faint page for OCR: white paper, all that stands out of it black.

    Also returns the picture's dots per inch. OCR would take minutes over the paper's grain.
    """
    fine = dpi >= _FINE_DPI
    coarse = dpi / 2 if fine else dpi
    depth, grain, _ = relief(picture, dpi, coarse)
    floor = max(2.5 * grain, _LEAST / 2)
    top = max(float(np.percentile(depth, 99.9)), threshold(grain))
    shades = 255 - np.clip((depth - floor) / (top - floor), 0, 1) * 255
    drawn = Image.fromarray(shades.astype(np.uint8))
    # Single points are grain that went far; of a coarse scan they are strokes.
    return drawn.filter(ImageFilter.MedianFilter(3)) if fine else drawn, coarse
