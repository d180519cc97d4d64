"""A small day of the mail office in a real browser; `make bench WHAT=clerk` lives a whole one."""

from collections.abc import Callable

import pytest
from playwright.async_api import Browser

from tests.e2e.clerks_day import Size, lived
from tests.e2e.house import House
from tests.e2e.senders import TO_SORT

# A certain rule sorts one of seven, and of twenty-eight, alone.
SMALL = Size(mails=28, letters=3, departures=2, answers=1)
WITHOUT = Size(mails=7, letters=1, departures=1, answers=1, scripts=False)


@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("letters", "theme")
@pytest.mark.parametrize(
    ("size", "by_hand"), [(SMALL, 30), (WITHOUT, 7)], ids=["scripts", "without"]
)
async def test_a_day_is_sorted_sent_and_answered_by_keys(
    live: House, browser: Browser, figure: Callable[[str], None], size: Size, by_hand: int
) -> None:
    left = len(await live.rows(TO_SORT))
    parts = await lived(live, browser, size, figure)
    assert [part.what for part in parts] == ["to sort", "departures", "answers"]
    assert parts[0].number - left >= by_hand
