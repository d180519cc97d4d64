"""Effects of measures: vectors by hand, few false alarms, the power said beforehand."""

from datetime import date
from random import Random

import pytest

from services.desk.domain.wilson import interval
from services.desk.quality.domain.effects import (
    EffectWindow,
    chance,
    may_plan,
    may_replace,
    read_effect,
    visible,
)
from services.desk.quality.domain.figures import REPLY, FigureKey, FigureRow
from services.desk.quality.domain.verdicts import ChangeVerdict, change
from shared.errors import Refused
from shared.facts.quality.measures import EffectPlanned
from tests.unit.desk.measures import planned

TODAY = date(2026, 6, 12)


def figure(k: int, n: int, waiting: int = 0) -> FigureRow:
    return FigureRow(FigureKey(REPLY), k, n, *interval(k, n), open=waiting)


@pytest.mark.parametrize(
    ("before", "after", "low", "high", "verdict"),
    [
        ((25, 31), (45, 50), -0.059, 0.272, ChangeVerdict.NOT_ESTABLISHED),
        ((75, 93), (140, 150), 0.042, 0.224, ChangeVerdict.BETTER),
        ((140, 150), (75, 93), -0.224, -0.042, ChangeVerdict.WORSE),
    ],
)
def test_newcombe_by_hand(
    before: tuple[int, int],
    after: tuple[int, int],
    low: float,
    high: float,
    verdict: ChangeVerdict,
) -> None:
    found = read_effect(figure(*before), figure(*after))
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))
    assert found.verdict is verdict


def test_identical_rates_are_rarely_called_different() -> None:
    dice = Random(2026)  # noqa: S311  (no secret)
    alarms = 0
    for number in range(8_000):
        rate, n = (0.6, 0.81, 0.9, 0.97)[number % 4], (31, 50, 93, 150)[number // 4 % 4]
        before, after = (sum(dice.random() < rate for _ in range(n)) for _ in range(2))
        found = change(before, n, after, n)
        assert found is not None
        alarms += found.verdict is not ChangeVerdict.NOT_ESTABLISHED
    assert 0.02 <= alarms / 8_000 <= 0.06  # some are: the test could fail


def test_the_power_is_that_of_the_design_and_grows_with_the_months() -> None:
    found = [round(chance(0.81, 0.90, n), 2) for n in (31, 93, 186)]
    assert found == [0.14, 0.41, 0.70]
    assert chance(0.90, 0.81, 93) == pytest.approx(chance(0.10, 0.19, 93))
    assert visible(0.81, 31) is None
    assert visible(0.81, 93) == 0.95
    assert visible(0.81, 186) == 0.91
    assert chance(0.8, 0.9, 0) == 0


def test_the_power_agrees_with_draws() -> None:
    dice, seen = Random(7), 0  # noqa: S311  (no secret)
    for _ in range(2_000):
        before = sum(dice.random() < 0.81 for _ in range(93))
        after = sum(dice.random() < 0.90 for _ in range(93))
        found = change(before, 93, after, 93)
        assert found is not None
        seen += found.verdict is ChangeVerdict.BETTER
    assert seen / 2_000 == pytest.approx(chance(0.81, 0.90, 93), abs=0.04)


def test_what_waits_in_a_closed_month_widens_the_interval() -> None:
    sure = read_effect(figure(75, 93), figure(140, 150))
    unsure = read_effect(figure(75, 93), figure(140, 150, waiting=20))
    assert unsure.low < sure.low
    assert unsure.verdict is ChangeVerdict.NOT_ESTABLISHED


def test_few_are_no_effect() -> None:
    with pytest.raises(Refused, match="Fewer than ten"):
        read_effect(figure(9, 9), figure(90, 100))


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ((date(2026, 3, 1), date(2026, 5, 1)), (date(2026, 6, 1), date(2026, 8, 1)), "begun"),
        ((date(2026, 3, 1), date(2026, 8, 1)), (date(2026, 8, 1), date(2026, 9, 1)), "overlap"),
        ((date(2026, 5, 1), date(2026, 4, 1)), (date(2026, 8, 1), date(2026, 9, 1)), "months"),
        ((date(2025, 1, 1), date(2026, 5, 1)), (date(2026, 8, 1), date(2026, 9, 1)), "months"),
    ],
)
def test_months_are_fixed_before_they_begin(
    before: tuple[date, date], after: tuple[date, date], why: str
) -> None:
    with pytest.raises(Refused) as refused:
        may_plan(EffectWindow(*before), EffectWindow(*after), TODAY)
    assert why in refused.value.why


def test_months_to_come_may_be_fixed_and_changed_until_they_begin() -> None:
    window = EffectWindow(date(2026, 7, 1), date(2026, 9, 1))
    assert window.months == [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    may_plan(EffectWindow(date(2025, 7, 1), date(2025, 9, 1)), window, TODAY)
    plan: EffectPlanned = planned(after_first=date(2026, 7, 1), after_last=date(2026, 9, 1))
    may_replace(plan, date(2026, 6, 30), read=False)
    may_replace(plan, date(2026, 7, 1), read=True)
    with pytest.raises(Refused, match="have begun"):
        may_replace(plan, date(2026, 7, 1), read=False)
