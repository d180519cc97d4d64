"""By how much the lines of a scanned page slope, and parts of the page with its lines level.

The slope is measured on the ink of a small picture: its points are turned as points, twenty times
in a few milliseconds, where turning the picture itself took a fifth of the time of OCR.
"""

import math
from typing import Final, TypeAlias

import numpy as np
from PIL import Image

from services.ingest.scan_process.stamp_place import PixelBox

_STEEPEST, _STEP, _WORTH = 4.0, 0.5, 0.5  # degrees: searched, between tries, worth a rotation
_CLEAR: Final = 1.1  # times as unlike as the rows of the page as it stands
_ROUGH: Final = 900  # pixels of width on which the skew is measured
_INK: Final = 60  # grey levels below the paper
_MOST_POINTS: Final = 60_000  # of ink that are turned; a page of text has fewer

_Points: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float32]]"


def level_part(picture: Image.Image, angle: float, part: PixelBox) -> Image.Image:
    """Returns a part of the picture of a page that is turned by `angle` degrees, counterclockwise.

    `part` is on the turned page. Nothing else is turned, which takes as long as a fifth of OCR;
    white comes in at the page's edges.
    """
    if not angle:
        return picture.crop(part)
    turn = -math.radians(angle)
    cos, sin = math.cos(turn), math.sin(turn)
    middle = picture.width / 2, picture.height / 2
    x, y = part[0] - middle[0], part[1] - middle[1]
    back = (cos, sin, cos * x + sin * y + middle[0], -sin, cos, cos * y - sin * x + middle[1])
    size = part[2] - part[0], part[3] - part[1]
    way = Image.Resampling.BILINEAR
    return picture.transform(size, Image.Transform.AFFINE, back, way, fillcolor=255)


def skew(picture: Image.Image) -> float:
    """Returns by how many degrees to turn a page to level its lines; 0 where they do not slope."""
    angle = _skew(picture)
    return angle if abs(angle) >= _WORTH else 0.0


def _skew(picture: Image.Image) -> float:
    """Degrees by which to turn: rows of level text are the most unlike each other."""
    if picture.width < 2 or picture.height < 2:  # noqa: PLR2004  (nothing to compare)
        return 0.0
    height = min(max(1, round(picture.height * _ROUGH / picture.width)), 2 * _ROUGH)
    grey = np.asarray(picture.resize((_ROUGH, height), Image.Resampling.BOX, reducing_gap=1.0))
    down, across = np.nonzero(grey < np.median(grey[::4]) - _INK)
    if not down.size:
        return 0.0
    step = math.ceil(down.size / _MOST_POINTS)
    x = (across[::step] - _ROUGH / 2).astype(np.float32)
    y = (down[::step] - height / 2).astype(np.float32)

    def unlikeness(angle: float) -> float:
        return _unlikeness(x, y, math.radians(angle), height)

    tries = np.arange(-_STEEPEST, _STEEPEST + _STEP, _STEP)
    best = max((float(angle) for angle in tries), key=unlikeness)
    finer = max((best - _STEP / 2, best, best + _STEP / 2), key=unlikeness)
    return finer if unlikeness(finer) > _CLEAR * unlikeness(0.0) else 0.0


def _unlikeness(x: _Points, y: _Points, turn: float, height: int) -> float:
    """How much the rows differ from the next one, when the points of ink are turned like this."""
    rows = y * np.float32(math.cos(turn)) - x * np.float32(math.sin(turn))
    places = (rows + np.float32(height / 2)).astype(np.int64)
    counts = np.bincount(places[(places >= 0) & (places < height)], minlength=height)
    return float(np.square(np.diff(counts)).sum())
