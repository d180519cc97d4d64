"""Patch codes: four thick bars, two wide and two narrow, on the separator sheets of other products.

Kodak's specification: narrow bars and the spaces between are 0.08 inches wide, wide bars 0.20, the
whole 0.80, and the bars two inches long at least. No barcode library reads them. They are looked
for along rows and columns a millimetre apart; what stands in one line alone is a table or a logo.

A page may lie on its head, and there Patch T is Patch 3, and Patch 1 is Patch 6: each pair is one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from PIL import Image

from services.ingest.domain.page_codes import SeenCode

NAMES: Final = {
    "NWNW": "PATCH-T", "WNWN": "PATCH-T", "WWNN": "PATCH-1", "NNWW": "PATCH-1",
    "WNNW": "PATCH-2", "NWWN": "PATCH-4",
}  # fmt: skip
_MM: Final = 25.4
_RUNS, _UNITS = 7, 10.0  # bars and spaces; narrow ones that make up the whole
_UNIT_MM: Final = (1.5, 2.6)  # 2.03 as printed; a copier may scale it
_NARROW, _WIDE = (0.55, 1.6), (1.9, 3.1)  # units: blur and a threshold move each edge
_QUIET: Final = 0.8  # units of white before and behind
_LONG_MM: Final = (
    35.0  # of bars that are 51 long at least: the rest may be worn or out of the sheet
)
_MOST_LEFT: Final = 2  # lines in which dust may hide it
_DRIFT_MM: Final = 1.2  # from one line to the next but one, of a sheet that lies askew
_CONTRAST: Final = 40.0  # grey levels
_BLACKEST: Final = 0.4  # per cent of the page: the bars of the shortest code are one per cent

_Ink: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"


@dataclass(slots=True)
class _Bars:
    """A pattern that is followed from line to line."""

    name: str
    first: int
    last: int
    at: float
    """Millimetres from the edge, in the last line."""
    seen: int = 1


def patch_codes(picture: Image.Image, dpi: float) -> tuple[SeenCode, ...]:
    """Returns the patch codes on a grey picture of a page, each once, with their bars' length."""
    grey = np.asarray(picture, dtype=np.float32)
    paper, black = float(np.median(grey)), float(np.percentile(grey, _BLACKEST))
    if paper - black < _CONTRAST:
        return ()
    found = dict[str, SeenCode]()
    for lines in (grey, grey.T):
        for bars in _followed(_sampled(lines, dpi) < (paper + black) / 2, dpi):
            long = float(bars.last - bars.first + 1)
            if long >= _LONG_MM and bars.seen >= long * 0.8:
                found.setdefault(bars.name, SeenCode(bars.name, long))
    return tuple(found.values())


def _sampled(
    lines: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", dpi: float
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """A line for each millimetre: the mean of its middle, in which single points of dust vanish."""
    step = dpi / _MM
    count = int(len(lines) / step)
    return np.stack(
        [lines[int(n * step) : int(n * step) + max(2, int(step / 2))].mean(axis=0)
         for n in range(count)]
    ) if count else lines[:0]  # fmt: skip


def _followed(ink: _Ink, dpi: float) -> list[_Bars]:
    """The patterns of bars, as far as each goes on from line to line."""
    ended, going = list[_Bars](), list[_Bars]()
    for number, line in enumerate(ink):
        for name, at in _patterns(line, dpi):
            bars = next(
                (old for old in going if old.name == name and abs(old.at - at) <= _DRIFT_MM), None
            )
            if bars is None:
                going.append(_Bars(name, number, number, at))
            elif bars.last != number:
                bars.last, bars.at, bars.seen = number, at, bars.seen + 1
        ended += [bars for bars in going if number - bars.last > _MOST_LEFT]
        going = [bars for bars in going if number - bars.last <= _MOST_LEFT]
    return ended + going


def _patterns(
    line: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", dpi: float
) -> Iterator[tuple[str, float]]:
    """The patch codes across one line: name, and where it begins, in millimetres."""
    edges = np.flatnonzero(line[1:] != line[:-1]) + 1
    bounds = np.concatenate(([0], edges, [len(line)]))
    runs = np.diff(bounds)
    if len(runs) < _RUNS:
        return
    wholes = bounds[_RUNS:] - bounds[:-_RUNS]
    least, most = (unit * _UNITS / _MM * dpi for unit in _UNIT_MM)
    starts = np.flatnonzero(line[bounds[:-_RUNS]] & (wholes >= least) & (wholes <= most))
    for start in starts:
        unit = wholes[start] / _UNITS
        widths = runs[start : start + _RUNS] / unit
        quiet = [runs[n] for n in (start - 1, start + _RUNS) if 0 <= n < len(runs)]
        if not all(_NARROW[0] <= width <= _NARROW[1] for width in widths[1::2]):
            continue
        if any(white < _QUIET * unit for white in quiet):
            continue
        name = NAMES.get("".join(map(_kind, widths[::2])))
        if name is not None:
            yield name, float(bounds[start]) / dpi * _MM


def _kind(width: float) -> str:
    if _NARROW[0] <= width <= _NARROW[1]:
        return "N"
    return "W" if _WIDE[0] <= width <= _WIDE[1] else "?"
