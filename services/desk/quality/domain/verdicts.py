"""Verdicts on figures: a target reached or not, a change established or not.

Intervals are Wilson's at 95 % (services/desk/domain/wilson.py); of two rates, Newcombe's hybrid
score interval of their difference (Newcombe 1998, method 10), made of the ends of both. What an
interval holds is not said of its middle: with few items almost nothing is established.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from services.desk.domain.wilson import interval
from services.desk.quality.domain.figures import FigureRow


class TargetVerdict(StrEnum):
    """The verdict on a rate against its target, by the confidence interval: reached, missed ….

    Two values say that there is no rate (nothing or too few judged), one that some still wait.
    """

    NOTHING = "nothing"
    """Nothing can be judged."""
    FEW = "few"
    """So few were judged that no rate is told."""
    MET = "met"
    """The whole interval is at the target or above."""
    MISSED = "missed"
    """The whole interval is below."""
    UNDECIDED = "undecided"
    """The target is within the interval."""
    WAITING = "waiting"
    """It depends on what becomes of those that can't be judged yet."""


def against(figure: FigureRow, target: float) -> TargetVerdict:
    """Compares a figure's confidence interval with a target from 0 to 1: returns the verdict."""
    if figure.n == 0:
        return TargetVerdict.NOTHING
    if figure.few:
        return TargetVerdict.FEW
    low, high = figure.ends
    if target >= 1:  # no interval of a sample reaches all: all were kept, or not
        low = float(figure.k == figure.n and not figure.waiting)
        high = float(figure.k == figure.n)
    if low >= target:
        return TargetVerdict.MET
    if high < target:
        return TargetVerdict.MISSED
    return TargetVerdict.WAITING if figure.waiting else TargetVerdict.UNDECIDED


class ChangeVerdict(StrEnum):
    """The verdict on the change of a rate: better, worse, or not established."""

    BETTER = "better"
    WORSE = "worse"
    NOT_ESTABLISHED = "not_established"
    """No change is within the interval."""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of a rate, later less earlier, with its 95 % interval; between -1 and 1."""

    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> ChangeVerdict:
        """The verdict on the change: established only if its interval excludes no change."""
        if self.low > 0:
            return ChangeVerdict.BETTER
        return ChangeVerdict.WORSE if self.high < 0 else ChangeVerdict.NOT_ESTABLISHED


def change(k_before: int, n_before: int, k_after: int, n_after: int) -> Change | None:
    """Computes the change between two rates with its interval (Newcombe); `None` if an n is 0."""
    if not n_before or not n_after:
        return None
    before, after = k_before / n_before, k_after / n_after
    (low_before, high_before), (low_after, high_after) = (
        interval(k_before, n_before),
        interval(k_after, n_after),
    )
    difference = after - before
    return Change(
        difference,
        difference - sqrt((after - low_after) ** 2 + (high_before - before) ** 2),
        difference + sqrt((high_after - after) ** 2 + (before - low_before) ** 2),
    )


def change_of(before: FigureRow, after: FigureRow) -> Change | None:
    """Computes the change between two figures, its interval widened by open deadlines.

    `None` if few were judged in one of them.
    """
    if before.few or after.few:
        return None
    n_before, n_after = before.n + before.waiting, after.n + after.waiting
    found = change(before.k, before.n, after.k, after.n)
    worst = change(before.k + before.waiting, n_before, after.k, n_after)
    best = change(before.k, n_before, after.k + after.waiting, n_after)
    if found is None or worst is None or best is None:
        return None
    return Change(found.difference, worst.low, best.high)
