"""When a place is open, and how it is said: nothing closed is ever told as open."""

from datetime import date, time

import pytest

from shared.calendar.territories import Territory
from shared.calendar.working_days import working_calendar
from shared.site.place_hours import HoursException, OpenDay, different_days, open_day
from shared.site.tables.places import OpenSlot, ReceptionPlace, WeekHours
from shared.site.texts.place_hours import hours, place_hours
from tests.desk_builders import DAYS, a_site
from tests.place_builders import a_slot, some_places

LODGE = some_places().place["loge"]
CLOSED = HoursException(1, "loge", date(2026, 5, 18), date(2026, 5, 22), ())


def day(at: str, *exceptions: HoursException, place: ReceptionPlace = LODGE) -> OpenDay:
    return open_day(place, exceptions, date.fromisoformat(at), DAYS)


def test_an_ordinary_day_has_the_hours_of_its_weekday() -> None:
    assert day("2026-05-11").slots == (a_slot(9, 12), a_slot(14, 16))
    assert day("2026-05-15").slots == ()  # a Friday


def test_an_exceptional_closing_closes_each_of_its_days_and_no_other() -> None:
    assert day("2026-05-18", CLOSED) == OpenDay(date(2026, 5, 18), (), exceptional=True)
    assert day("2026-05-21", CLOSED).slots == ()
    assert day("2026-05-26", CLOSED).slots == (a_slot(9, 12),)
    assert day("2026-05-18", CLOSED, place=some_places().place["guichet"]).slots != ()


def test_of_a_day_the_last_statement_stands() -> None:
    again = HoursException(2, "loge", date(2026, 5, 20), date(2026, 5, 20), (a_slot(10, 11),))
    assert day("2026-05-20", again, CLOSED).slots == (a_slot(10, 11),)
    assert day("2026-05-21", again, CLOSED).slots == ()


@pytest.mark.parametrize(
    "at",
    [
        "2026-05-14",  # jeudi de l’Ascension
        "2026-05-25",  # lundi de Pentecôte
        "2026-08-15",  # a Saturday, on which the lodge is open by its week
        "2026-07-14",
    ],
)
def test_a_legal_holiday_is_closed_on_any_weekday(at: str) -> None:
    found = day(at)
    assert found.slots == ()
    assert found.holiday


def test_the_second_day_of_christmas_is_one_in_alsace_alone() -> None:
    saturday = date(2026, 12, 26)
    alsace = working_calendar(Territory.ALSACE_MOSELLE)
    assert open_day(LODGE, (), saturday, alsace).slots == ()
    assert open_day(LODGE, (), saturday, DAYS).slots == (a_slot(9, 11),)


def test_open_on_a_holiday_when_a_person_says_so() -> None:
    opened = HoursException(1, "loge", date(2026, 5, 14), date(2026, 5, 14), (a_slot(9, 12),))
    assert day("2026-05-14", opened).slots == (a_slot(9, 12),)


def test_what_differs_is_told_for_as_long_as_it_was_stated() -> None:
    far = HoursException(1, "loge", date(2026, 12, 24), date(2026, 12, 24), ())
    found = different_days(LODGE, [far], date(2026, 5, 11), DAYS)
    assert [known.day for known in found][:2] == [date(2026, 5, 14), date(2026, 5, 25)]
    assert found[-1].day == date(2026, 12, 24)


def test_the_words_of_a_week_and_of_what_differs() -> None:
    said = place_hours(LODGE, a_site(), [CLOSED], date(2026, 5, 11), DAYS)
    plain = [f"{days} : {hours}".replace("\N{NO-BREAK SPACE}", " ") for days, hours in said.week]
    assert plain == [
        "lundi : de 9 h à 12 h et de 14 h à 16 h",
        "du mardi au jeudi : de 9 h à 12 h",
        "vendredi : fermé",
        "samedi : de 9 h à 11 h",
        "dimanche : fermé",
    ]
    assert said.different == (
        "jeudi 14 mai 2026 : fermé (jeudi de l’Ascension)",
        "du lundi 18 mai 2026 au jeudi 21 mai 2026 : fermé",
        "lundi 25 mai 2026 : fermé (lundi de Pentecôte)",
    )
    assert said.address == "1, place du Marché, 36000 Exempleville"


def test_two_closings_around_a_day_of_its_week_are_two() -> None:
    parts = [
        HoursException(1, "loge", date(2026, 5, 18), date(2026, 5, 18), ()),
        HoursException(2, "loge", date(2026, 5, 20), date(2026, 5, 20), ()),
    ]
    said = place_hours(LODGE, a_site(), parts, date(2026, 5, 15), DAYS).different
    assert "lundi 18 mai 2026 : fermé" in said
    assert "mercredi 20 mai 2026 : fermé" in said


def test_minutes_are_told_and_spans_that_touch_are_refused() -> None:
    half = OpenSlot(opens=time(8, 30), closes=time(12))
    assert hours((half,)).replace("\N{NO-BREAK SPACE}", " ") == "de 8 h 30 à 12 h"
    with pytest.raises(ValueError, match="spans of a day"):
        WeekHours(monday=(half, OpenSlot(opens=time(12), closes=time(14))))
