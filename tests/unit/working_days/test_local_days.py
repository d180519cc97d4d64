"""Local days and months, and their French words."""

from datetime import date

import pytest

from shared.calendar.local_days import (
    long_day,
    month_after,
    month_before,
    month_of,
    of_month,
    plain_day,
)


@pytest.mark.parametrize(
    ("month", "earlier", "later"),
    [
        (date(2026, 1, 1), date(2025, 12, 1), date(2026, 2, 1)),
        (date(2026, 12, 1), date(2026, 11, 1), date(2027, 1, 1)),
        (date(2028, 3, 1), date(2028, 2, 1), date(2028, 4, 1)),
    ],
)
def test_months_follow_each_other(month: date, earlier: date, later: date) -> None:
    assert (month_before(month), month_after(month)) == (earlier, later)


def test_the_day_within_a_month_does_not_matter() -> None:
    assert month_before(date(2028, 3, 31)) == date(2028, 2, 1)
    assert month_after(date(2028, 1, 31)) == date(2028, 2, 1)


def test_days_and_months_in_french() -> None:
    assert long_day(date(2026, 5, 12)) == "mardi 12 mai 2026"
    assert plain_day(date(2026, 8, 1)) == "1er août 2026"
    assert month_of(date(2026, 2, 3)) == "février 2026"
    months = [of_month(date(2026, month, 3)) for month in (2, 4, 8, 10)]
    assert months == ["de février 2026", "d’avril 2026", "d’août 2026", "d’octobre 2026"]
