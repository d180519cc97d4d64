"""The effect of a measure: its months fixed beforehand, what could be seen of it, what was. Pure.

An effect is the change of one figure between months before and months after, both closed, with
Newcombe's 95 % interval (verdicts.py). How likely such a change would be established is said before
anybody waits for it: with thirty letters a month little is.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import exp, lgamma, log
from typing import Final

from services.desk.quality.domain.figures import FigureRow
from services.desk.quality.domain.verdicts import Change, change, change_of
from shared.errors import Refused
from shared.facts.quality.measures import EffectPlanned

MOST_MONTHS: Final = 12
LIKELY: Final = 0.8
"""The chance from which a change is said to be visible."""
SAMPLES: Final = (1, 3, 6)
"""Months on each side for which the chance is told."""
_TAIL: Final = 1e-9
_MOST_EXACT: Final = 2_000
"""Judged on each side up to which a chance is computed; more is told as for so many."""


@dataclass(frozen=True, slots=True)
class EffectWindow:
    """The first and last month over which a measure's effect is read, both included."""

    first: date
    last: date

    @property
    def months(self) -> Sequence[date]:
        """The months over which a measure's effect is read, the earliest first."""
        found, month = list[date](), self.first
        while month <= self.last and len(found) <= MOST_MONTHS:
            found.append(month)
            month = later(month, 1)
        return found


def later(day: date, months: int) -> date:
    """Returns the first day of the month so many months after a day's; negative: before."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def windows(plan: EffectPlanned) -> tuple[EffectWindow, EffectWindow]:
    """Returns the months before and the months after of a measure's planned effect."""
    return (
        EffectWindow(plan.before_first, plan.before_last),
        EffectWindow(plan.after_first, plan.after_last),
    )


def may_plan(before: EffectWindow, after: EffectWindow, today: date) -> None:
    """Raises Refused unless the months after follow those before and have not begun.

    Each of the two windows has one to twelve months.

    Whoever could choose the months once they are known would find some that please.
    """
    for window in (before, after):
        if not 1 <= len(window.months) <= MOST_MONTHS:
            raise Refused(
                f"A window has one to {MOST_MONTHS} months.", "effect-months", most=MOST_MONTHS
            )
    if after.first <= before.last:
        raise Refused("The months after must follow the months before.", "effect-overlap")
    if after.first <= today:
        raise Refused(
            "The months after are fixed before they begin: choose from the next month on.",
            "effect-window-begun",
            day=later(today, 1),
        )


def may_replace(plan: EffectPlanned | None, today: date, *, read: bool) -> None:
    """Raises Refused for a new plan of an effect while months of the old one are unread."""
    if plan is not None and not read and plan.after_first <= today:
        raise Refused("Its months have begun: read them before you plan anew.", "effect-begun")


def read_effect(before: FigureRow, after: FigureRow) -> Change:
    """Returns the change of a figure from the months before a measure to those after.

    Raises Refused where fewer than ten were judged on a side.
    """
    found = change_of(before, after)
    if found is None:
        raise Refused(
            "Fewer than ten were judged on a side: no effect can be read.",
            "effect-few",
            before=before.n,
            after=after.n,
        )
    return found


@lru_cache(maxsize=1_000)
def chance(before: float, after: float, n: int) -> float:
    """Computes the chance (0 to 1) that figures prove a rate's change from `before` to `after`.

    `n`: how many are judged before and after. Only a proof in the direction of the change counts.
    Exact, from the binomial distributions of both counts but for tails below 1e-9.
    """
    n = min(n, _MOST_EXACT)
    if n == 0:
        return 0.0
    if after < before:
        before, after = 1 - before, 1 - after
    earlier, later = _binomial(n, before), _binomial(n, after)
    at_least = [0.0] * (n + 2)
    for k in range(n, -1, -1):
        at_least[k] = at_least[k + 1] + later[k]
    return sum(
        part * at_least[_least_established(k, n)] for k, part in enumerate(earlier) if part > _TAIL
    )


def _binomial(n: int, rate: float) -> Sequence[float]:
    """The chances of 0 to n kept of n."""
    if rate <= 0 or rate >= 1:
        sure = n if rate >= 1 else 0
        return [float(k == sure) for k in range(n + 1)]
    return [
        exp(
            lgamma(n + 1)
            - lgamma(k + 1)
            - lgamma(n - k + 1)
            + k * log(rate)
            + (n - k) * log(1 - rate)
        )
        for k in range(n + 1)
    ]


@lru_cache(maxsize=20_000)
def _least_established(k: int, n: int) -> int:
    """The least count after that establishes a rise from k of n; n + 1: none does."""
    return bisect_left(range(n + 1), x=True, key=lambda later: _rises(k, later, n))


def _rises(k: int, later: int, n: int) -> bool:
    found = change(k, n, later, n)
    return found is not None and found.low > 0


def visible(before: float, n: int) -> float | None:
    """Computes the least rate above `before` that figures would prove with a chance of 80 %.

    `n`: how many are judged before and after. In whole per cent, as a part of 1; `None`: no rate
    would be proven, not even with all kept.
    """
    steps = [step / 100 for step in range(int(before * 100) + 1, 101)]
    found = bisect_left(steps, LIKELY, key=lambda after: chance(before, after, n))
    return steps[found] if found < len(steps) else None
