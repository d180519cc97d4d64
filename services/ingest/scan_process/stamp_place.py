"""Where a stamp may stand that OCR saw and did not read, and where one stands that it read."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from services.ingest.domain.stamps import PageWords, ReadStamp, StampBox, marks_of
from shared.content.word_places import WordBox

PixelBox: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""
_MM = 25.4
_TOP = 0.45  # of the page: where a stamp stands that no word names
_LEAST_MM = 1.2  # of height: dust is lower
_NEAR_MM = 9.0  # between parts of one stamp
_WIDEST_MM, _TALLEST_MM = 100.0, 60.0
_FRAME_MM = (18.0, 8.0)  # a frame seen as one thing that is no word, at least so wide and tall
_MOST = 14  # doubtful words high on the page; more are a page that is hard to read
_AROUND_MM, _LESS_MM = 6.0, (45.0, 25.0)  # beyond what was seen; half of what is read at least


def stamp_region(
    places: Sequence[PageWords], doubtful: Sequence[PageWords], size: tuple[int, int], dpi: float
) -> PixelBox | None:
    """Returns the part of a page, of `size` pixels, on which an unread date stamp may stand.

    It is around a word that stamps have, else around what OCR took for words in the upper part of
    the page and could not read. `None`: nothing looks like a stamp.
    """
    width, height = size
    marks = marks_of(places, width)
    seen = marks[0] if marks else _cluster(doubtful, height, dpi)
    if seen is None:
        return None
    dots = dpi / _MM
    across, down = (seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2
    wide = max(_LESS_MM[0], (seen.right - seen.left) / 2 / dots + _AROUND_MM) * dots
    tall = max(_LESS_MM[1], (seen.bottom - seen.top) / 2 / dots + _AROUND_MM) * dots
    return (
        max(0, round(across - wide)),
        max(0, round(down - tall)),
        min(width, round(across + wide)),
        min(height, round(down + tall)),
    )


def _cluster(doubtful: Sequence[PageWords], height: int, dpi: float) -> PageWords | None:
    """The largest group of unread things high on the page that may be one stamp."""
    dots = dpi / _MM
    high = [word for word in doubtful if word.bottom < _TOP * height]
    high = [word for word in high if word.height >= _LEAST_MM * dots]
    if len(high) > _MOST:
        return None
    groups = [_group(seed, high, dots) for seed in high]
    found = [group for group in groups if group is not None]
    return max(found, key=lambda group: (group.right - group.left) * group.height, default=None)


def _group(seed: PageWords, others: Sequence[PageWords], dots: float) -> PageWords | None:
    """What stands with one of them, if it is as large as a stamp and no larger."""
    near, group, count = _NEAR_MM * dots, seed, 1
    left = [other for other in others if other is not seed]
    while joined := next((other for other in left if _are_near(group, other, near)), None):
        group, count = group.join(joined), count + 1
        left.remove(joined)
    wide, tall = (group.right - group.left) / dots, group.height / dots
    if wide > _WIDEST_MM or tall > _TALLEST_MM:
        return None
    return group if count > 1 or (wide >= _FRAME_MM[0] and tall >= _FRAME_MM[1]) else None


def _are_near(one: PageWords, other: PageWords, near: float) -> bool:
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    across = max(one.left, other.left) - min(one.right, other.right)
    return down <= near and across <= near


def as_scanned(stamp: ReadStamp, angle: float) -> ReadStamp:
    """Returns a stamp with its box on the page as it was scanned.

    `angle`: by how many degrees, counterclockwise, the page was turned before it was read.
    """
    if not angle:
        return stamp
    box = stamp.box
    found = scanned_box((box.left, box.top, box.right, box.bottom), stamp.ratio, angle)
    return replace(stamp, box=StampBox(*map(_share, found)))


def scanned_box(box: WordBox, ratio: float, angle: float, *, turned: bool = False) -> WordBox:
    """Returns the box of a thing read on a levelled page, on the page as it was scanned.

    Both in shares of the page's sides, whose height is `ratio` times its width. `angle`: by how
    many degrees, counterclockwise, the page was turned; `turned`: it was set on its head before.
    """
    left, top, right, bottom = box
    if angle:
        turn = math.radians(angle)
        corners = [
            _turned(x - 0.5, (y - 0.5) * ratio, turn) for x in (left, right) for y in (top, bottom)
        ]
        across = [x + 0.5 for x, _ in corners]
        down = [y / ratio + 0.5 for _, y in corners]
        left, top, right, bottom = min(across), min(down), max(across), max(down)
    return (1 - right, 1 - bottom, 1 - left, 1 - top) if turned else (left, top, right, bottom)


def _turned(x: float, y: float, turn: float) -> tuple[float, float]:
    """A point turned back clockwise about the middle, in a picture whose y runs downwards."""
    return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
