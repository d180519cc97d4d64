"""What stands on a page, judged against the page itself: ink, something fainter, or nothing.

The paper is what lies around a spot, so that a shadow or a yellow sheet is no ink. Its grain is
measured on the page: a stroke is something where it stands out of it, and pale ink on a quiet
paper stands out as black ink does on a rough one.
"""

from typing import Literal, TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageFilter

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
_EACH = 4  # of so many rows one tells the middle of all, in a quarter of the time
_ROOM_MM = 5.0  # of paper that is left around what is written
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
    middle = float(np.median(depth[::_EACH]))
    depth = depth - middle
    grain = 1.4826 * float(np.median(np.abs(depth[::_EACH])))
    return depth, grain, float(np.median(shades[::_EACH]))


def written_part(picture: Image.Image, dpi: float, angle: float = 0) -> tuple[int, int, int, int]:
    """Returns the part of a page that has all that stands out of its paper, with room around it.

    Left, top, right and bottom, in pixels of the page when it is turned by `angle` degrees,
    counterclockwise; the whole page where nothing does. White paper costs OCR as much as words.
    """
    factor = max(1, round(dpi / _COARSE_DPI))
    shades = picture.reduce(factor)
    if angle:
        shades = shades.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)
    around = shades.filter(ImageFilter.BoxBlur(max(2, round(_AROUND_MM / _MM * dpi / factor))))
    counts = np.cumsum(ImageChops.difference(around, shades).histogram())
    typical = float(np.interp(counts[-1] / 2, counts, np.arange(len(counts)) + 0.5))
    least = threshold(1.4826 * typical)
    found = ImageChops.subtract(around, shades).point([255 * (n > least) for n in range(256)])
    left, top, right, bottom = found.getbbox() or (0, 0, *found.size)
    room = round(_ROOM_MM / _MM * dpi)
    return (
        max(0, left * factor - room),
        max(0, top * factor - room),
        min(picture.width, right * factor + room),
        min(picture.height, bottom * factor + room),
    )


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
