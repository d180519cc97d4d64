"""Where and when the machine stands changes no date: its zone, a Sunday, New Year's Eve, a night.

Counted by hand, on the préfecture's calendar:
Sunday 10 May 2026, 03:00  → 11, 12, 13, 15, 18 May (Thursday 14 is Ascension): Monday 18 May
Thursday 31 December, 23:50 → 4, 5, 6, 7, 8 January (Friday 1 is New Year's Day): Friday 8 January
"""

import time
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import AGENT, Register, Story, paris, types

SUNDAY_NIGHT = paris(10, 3)
NEW_YEARS_EVE = paris(31, 23, 50, month=12)
DUE = {
    SUNDAY_NIGHT: (date(2026, 5, 18), date(2026, 5, 13)),
    NEW_YEARS_EVE: (date(2027, 1, 8), date(2027, 1, 6)),
}
"""The limit of a mail received then, and the day of its rung −2."""


@pytest.fixture(params=["Pacific/Kiritimati", "America/Adak", "Asia/Kathmandu"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The process stands somewhere else: UTC+14, UTC−10, UTC+5:45."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("received", DUE)
def test_a_mail_has_the_dates_of_its_site_wherever_the_machine_stands(
    machine: str, received: datetime
) -> None:
    assert time.tzname[0] != "UTC", machine
    register, story = Register(), Story()
    register.registered(received, agent=AGENT)
    story.hears(register.facts, received)
    limit, first = DUE[received]
    assert register.clock().limit == limit
    told = story.lives_until(_evening(first))
    [reached] = [fact for fact in told if fact.clock is ClockName.REPLY]
    assert (reached.rung, reached.fell, reached.limit) == ("-2", first, limit)


@pytest.mark.parametrize("started", [paris(17, 3), paris(16, 23), paris(15, 6)])
def test_clocks_that_wake_on_a_sunday_or_at_night_tell_what_they_would_have_told(
    machine: str, started: datetime
) -> None:
    del machine
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT)
    story.hears(register.facts, started)
    assert (types(story.told), story.stands()) == (["ClockStarted", "RungReached"], {"-2"})
    assert types(story.lives_until(paris(20, 5, 59))) == []


def _evening(day: date) -> datetime:
    return paris(day.day, 20, month=day.month, year=day.year)
