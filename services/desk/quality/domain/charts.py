"""Geometry of the charts: where bars, whiskers and the target's line stand in an SVG.

Along the axis of rates a place is in per cent of the width or height, so that the same drawing fits
a phone and a wide screen without its letters growing or shrinking; across it, in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.quality.domain.figures import FigureRow

ROW: Final = 46
"""Pixels of a row: its words above, its bar below."""
TOP: Final = 26
"""Pixels above the rows, for the target's words."""
PLOT: Final = 180
"""Pixels of the axis of rates of a chart by month."""
HEAD: Final = 24
FOOT: Final = 44
"""Pixels above and below that, for words."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: a rate with its confidence interval, or words alone if few count."""

    label: str
    said: str
    y: int
    """Pixels from the top to its words; the bar stands 8 below."""
    width: str
    low: str
    high: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """A bar chart of rates with the positions to draw in an SVG, a row for each rate."""

    title: str
    description: str
    bars: Sequence[Bar]
    target: str
    target_said: str
    height: int


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """A month on a chart over time: a rate with its interval, or words alone if few count."""

    label: str
    said: str
    x: str
    y: float
    """Pixels from the top."""
    low: float
    high: float
    drawn: bool
    mark: str = ""
    """What happened in the month, such as an event: it changes no figure."""


@dataclass(frozen=True, slots=True)
class MonthChart:
    """A chart of a rate month by month, with the positions to draw in an SVG."""

    title: str
    description: str
    columns: Sequence[MonthPoint]
    grid: Sequence[tuple[float, str]]
    """Lines of the grid: pixels from the top, words."""
    target: float
    target_said: str
    height: int

    @property
    def marked(self) -> bool:
        """Whether a month on the chart is marked by an event."""
        return any(column.mark for column in self.columns)


def percent(part: float) -> str:
    """Formats a share from 0 to 1 as an SVG position in per cent: « 81.25% »."""
    return f"{part * 100:.2f}%"


def bar_chart(
    title: str,
    description: str,
    rows: Sequence[tuple[str, str, FigureRow]],
    target: float,
    target_said: str,
) -> BarChart:
    """Lays out a bar chart from rows of label, words and figure, in their order."""
    bars = [
        Bar(
            label,
            said,
            TOP + number * ROW + 16,
            percent(figure.rate or 0),
            percent(figure.ends[0]),
            percent(figure.ends[1]),
            not figure.few,
        )
        for number, (label, said, figure) in enumerate(rows)
    ]
    return BarChart(
        title, description, bars, percent(target), target_said, TOP + len(rows) * ROW + 4
    )


@dataclass(frozen=True, slots=True)
class CountBar:
    """A row of a chart of counts: its words, and a bar in proportion to the largest count."""

    label: str
    said: str
    y: int
    """Pixels from the top to its words; the bar stands 6 below."""
    width: str


@dataclass(frozen=True, slots=True)
class CountChart:
    """A bar chart of counts with the positions to draw in an SVG, a row for each count."""

    title: str
    description: str
    bars: Sequence[CountBar]
    height: int


def count_chart(title: str, rows: Sequence[tuple[str, str, int]]) -> CountChart:
    """Lays out a chart of counts from rows of label, words and count, in their order."""
    most = max((count for _, _, count in rows), default=0) or 1
    bars = [
        CountBar(label, said, number * ROW + 16, percent(count / most))
        for number, (label, said, count) in enumerate(rows)
    ]
    told = " ; ".join(f"{label} : {said}" for label, said, _ in rows) or "rien"
    return CountChart(title, f"{told}.", bars, len(rows) * ROW + 4)


def month_chart(
    title: str,
    description: str,
    columns: Sequence[tuple[str, str, FigureRow]],
    target: float,
    target_said: str,
    marks: Sequence[str] = (),
) -> MonthChart:
    """Lays out a chart over months from columns of label, words and figure, left to right.

    `marks`: what happened in each of them, in their order; empty: nothing.
    """
    drawn = [
        MonthPoint(
            label,
            said,
            percent((number + 0.5) / len(columns)),
            _height(figure.rate or 0),
            _height(figure.ends[0]),
            _height(figure.ends[1]),
            not figure.few,
            marks[number] if marks else "",
        )
        for number, (label, said, figure) in enumerate(columns)
    ]
    grid = [(_height(part / 100), f"{part} %") for part in (0, 25, 50, 75, 100)]
    height = HEAD + PLOT + FOOT
    return MonthChart(title, description, drawn, grid, _height(target), target_said, height)


def _height(part: float) -> float:
    """Pixels from the top of the drawing; 1 is high up."""
    return round(HEAD + (1 - part) * PLOT, 2)
