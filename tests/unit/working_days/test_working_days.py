"""The check vectors are written by hand from docs/domain.md §4."""

from datetime import date
from typing import Any

import pytest
from holidays.utils import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar.territories import Closure, Territory
from shared.calendar.working_days import (
    BeyondCalendar,
    CountedDay,
    UnknownHolidays,
    WorkingCalendar,
    add_months,
    working_calendar,
)
from shared.values import Checked

METROPOLE = working_calendar(Territory.METROPOLE)
ALSACE_MOSELLE = working_calendar(Territory.ALSACE_MOSELLE)

days = st.dates(date(2016, 1, 1), date(2044, 12, 31))
counts = st.integers(0, 200)


@pytest.mark.parametrize(
    ("received", "working_days", "due"),
    [
        (date(2026, 5, 11), 5, date(2026, 5, 19)),
        (date(2026, 5, 11), 15, date(2026, 6, 3)),
        (date(2026, 3, 30), 5, date(2026, 4, 7)),
        (date(2026, 4, 30), 5, date(2026, 5, 11)),
        (date(2026, 12, 21), 5, date(2026, 12, 29)),
        (date(2022, 3, 22), 15, date(2022, 4, 12)),
    ],
)
def test_the_check_vectors_of_the_domain_hold(received: date, working_days: int, due: date) -> None:
    assert METROPOLE.add(received, working_days) == due


def test_good_friday_is_not_worked_in_alsace_moselle() -> None:
    assert ALSACE_MOSELLE.add(date(2026, 3, 30), 5) == date(2026, 4, 8)


def test_saint_stephen_is_not_worked_in_alsace_moselle() -> None:
    assert not ALSACE_MOSELLE.is_worked(date(2025, 12, 26))
    assert METROPOLE.is_worked(date(2025, 12, 26))


def test_2026_has_252_jours_ouvres() -> None:
    assert METROPOLE.between(date(2025, 12, 31), date(2026, 12, 31)) == 252


@pytest.mark.parametrize(
    ("territory", "day"),
    [
        (Territory.MAYOTTE, date(2026, 4, 27)),
        (Territory.MARTINIQUE, date(2026, 5, 22)),
        (Territory.GUADELOUPE, date(2026, 5, 27)),
        (Territory.SAINT_MARTIN, date(2026, 5, 28)),
        (Territory.GUYANE, date(2026, 6, 10)),
        (Territory.SAINT_BARTHELEMY, date(2026, 10, 9)),
        (Territory.LA_REUNION, date(2027, 12, 20)),
    ],
)
def test_each_overseas_territory_keeps_its_own_day_of_abolition(
    territory: Territory, day: date
) -> None:
    assert working_calendar(territory).why_off(day) == "abolition de l’esclavage"
    assert METROPOLE.is_worked(day)


def test_customary_days_overseas_are_worked() -> None:
    guadeloupe = working_calendar(Territory.GUADELOUPE)
    assert guadeloupe.is_worked(date(2026, 3, 12))  # Mi-Carême
    assert guadeloupe.is_worked(date(2026, 7, 21))  # Victor Schœlcher


def test_two_legal_days_on_one_date_are_both_known() -> None:
    calendar = working_calendar(Territory.METROPOLE, first_year=2008, last_year=2008)
    assert not calendar.is_worked(date(2008, 5, 1))  # 1 May and Ascension


def test_a_closure_is_skipped_and_says_who_closed_it_for_what() -> None:
    bridge = Closure(
        day=date(2026, 5, 15),
        decided=Checked(by="Le préfet", on=date(2026, 1, 5), why="pont de l’Ascension"),
    )
    calendar = working_calendar(Territory.METROPOLE, [bridge])
    assert calendar.add(date(2026, 5, 11), 5) == date(2026, 5, 20)
    assert calendar.why_off(date(2026, 5, 15)) == "fermeture : pont de l’Ascension"


def test_mail_of_a_saturday_counts_from_that_saturday() -> None:
    assert METROPOLE.add(date(2026, 5, 9), 1) == date(2026, 5, 11)


def test_a_limit_that_day_zero_is_not_worked_falls_on_the_first_jour_ouvre() -> None:
    assert METROPOLE.first_worked_not_before(date(2026, 5, 14)) == date(2026, 5, 15)
    assert METROPOLE.first_worked_not_before(date(2026, 5, 15)) == date(2026, 5, 15)


def test_two_days_before_a_limit_leaps_over_the_holidays_too() -> None:
    assert METROPOLE.add(date(2026, 5, 19), -2) == date(2026, 5, 15)
    assert METROPOLE.add(date(2026, 5, 17), -1) == date(2026, 5, 15)


def test_the_explanation_names_each_day_skipped() -> None:
    assert METROPOLE.explain(date(2026, 5, 12), 3) == [
        CountedDay(date(2026, 5, 13), 1, None),
        CountedDay(date(2026, 5, 14), None, "jeudi de l’Ascension"),
        CountedDay(date(2026, 5, 15), 2, None),
        CountedDay(date(2026, 5, 16), None, "samedi"),
        CountedDay(date(2026, 5, 17), None, "dimanche"),
        CountedDay(date(2026, 5, 18), 3, None),
    ]


def test_the_explanation_of_a_rung_before_the_limit_runs_backwards() -> None:
    assert METROPOLE.explain(date(2026, 5, 15), -1) == [
        CountedDay(date(2026, 5, 14), None, "jeudi de l’Ascension"),
        CountedDay(date(2026, 5, 13), -1, None),
    ]


def test_day_zero_needs_no_explanation() -> None:
    assert METROPOLE.explain(date(2026, 5, 16), 0) == []


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2028, 2, 29), 4, date(2028, 6, 29)),
        (date(2026, 12, 15), 2, date(2027, 2, 15)),
    ],
)
def test_months_keep_the_quantieme(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


@pytest.mark.parametrize("day", [date(2014, 12, 31), date(2046, 1, 1)])
def test_a_day_beyond_the_calendar_is_a_clear_refusal(day: date) -> None:
    with pytest.raises(BeyondCalendar, match=r"2015-01-01 to 2045-12-31"):
        METROPOLE.is_worked(day)
    with pytest.raises(BeyondCalendar):
        METROPOLE.add(day, 0)


def test_a_limit_beyond_the_calendar_is_a_clear_refusal() -> None:
    with pytest.raises(BeyondCalendar, match="jours ouvrés"):
        METROPOLE.add(date(2045, 12, 28), 5)
    with pytest.raises(BeyondCalendar):
        METROPOLE.add(date(2015, 1, 5), -3)


def test_a_stored_calendar_is_read_back_equal_and_hashes_alike() -> None:
    stored = METROPOLE.model_dump_json()
    again = WorkingCalendar.model_validate_json(stored)
    assert again == METROPOLE
    assert hash(again) == hash(METROPOLE)
    assert again.add(date(2026, 5, 11), 5) == date(2026, 5, 19)


@given(days, counts)
def test_adding_then_counting_gives_the_number_back(day: date, n: int) -> None:
    assert METROPOLE.between(day, METROPOLE.add(day, n)) == n


@given(days, st.integers(1, 200))
def test_a_limit_is_always_worked_and_later(day: date, n: int) -> None:
    limit = METROPOLE.add(day, n)
    assert limit > day
    assert METROPOLE.is_worked(limit)


@given(days, st.integers(1, 100), st.integers(1, 100))
def test_adding_twice_is_adding_the_sum(day: date, a: int, b: int) -> None:
    assert METROPOLE.add(METROPOLE.add(day, a), b) == METROPOLE.add(day, a + b)


@given(days, st.integers(1, 200))
def test_going_back_from_a_worked_day_returns_to_it(day: date, n: int) -> None:
    start = METROPOLE.first_worked_not_before(day)
    assert METROPOLE.add(METROPOLE.add(start, n), -n) == start


@given(days, st.integers(1, 60))
def test_the_explanation_numbers_exactly_the_days_counted(day: date, n: int) -> None:
    lines = METROPOLE.explain(day, n)
    assert [line.number for line in lines if line.number] == list(range(1, n + 1))
    assert lines[-1].day == METROPOLE.add(day, n)


@given(days, days)
def test_later_receipt_never_gives_an_earlier_limit(one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    assert METROPOLE.add(earlier, 5) <= METROPOLE.add(later, 5)


SMALL = working_calendar(Territory.METROPOLE, (), 2026, 2026)


def test_the_first_and_last_day_of_a_calendar_belong_to_it() -> None:
    assert SMALL.why_off(date(2026, 1, 1)) == "jour de l’an"
    assert {day_off.day.year for day_off in SMALL.off} == {2026}
    assert SMALL.is_worked(date(2026, 12, 31))
    for outside in (date(2025, 12, 31), date(2027, 1, 1)):
        with pytest.raises(BeyondCalendar):
            SMALL.is_worked(outside)


def test_the_first_and_last_jour_ouvre_can_be_reached_and_nothing_beyond() -> None:
    assert SMALL.add(date(2026, 12, 30), 1) == date(2026, 12, 31)
    assert SMALL.add(date(2026, 1, 5), -1) == date(2026, 1, 2)
    assert SMALL.between(date(2026, 1, 1), date(2026, 12, 31)) == 252
    for day, n in ((date(2026, 12, 30), 2), (date(2026, 1, 5), -2)):
        with pytest.raises(BeyondCalendar):
            SMALL.add(day, n)


def test_a_calendar_of_one_day_is_one_and_days_off_stand_in_order() -> None:
    kept = SMALL.model_dump()
    one = WorkingCalendar.model_validate(kept | {"last": kept["first"], "off": ()})
    assert one.first == one.last
    for off in (kept["off"][::-1], (*kept["off"][:1], *kept["off"])):
        with pytest.raises(ValueError, match="stand in order"):
            WorkingCalendar.model_validate(kept | {"off": off})


def test_the_law_of_before_1984_is_not_ours_to_count() -> None:
    assert working_calendar(Territory.METROPOLE, (), 1984, 1985).first == date(1984, 1, 1)
    with pytest.raises(UnknownHolidays, match="The public holidays of 1983 were others"):
        working_calendar(Territory.METROPOLE, (), 1983, 1985)


def test_a_library_that_tells_other_legal_days_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_ascension(*words: Any, **more: Any) -> Any:
        told = country_holidays(*words, **more)
        told.pop_named("Ascension")
        return told

    monkeypatch.setattr("holidays.utils.country_holidays", without_ascension)
    with pytest.raises(UnknownHolidays, match="tells other legal days for 2026"):
        working_calendar(Territory.METROPOLE, (), 2026, 2026)
