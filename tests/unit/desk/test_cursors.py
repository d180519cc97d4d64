"""Where a list goes on is read from an address as it was written into it, or not at all."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.store.cursors import Cursor, day_cursor, moment_cursor

NAMES = st.sampled_from(["36-2026-A-000012", "a~b", ""])
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2))])


@given(st.datetimes(min_value=datetime(1, 1, 2), timezones=ZONES), NAMES)  # noqa: DTZ001  (hypothesis adds the zone)
def test_a_moment_is_read_as_it_was_written(moment: datetime, name: str) -> None:
    assert moment_cursor(str(Cursor(moment, name))) == Cursor(moment, name)


@given(st.dates(), NAMES)
def test_a_day_is_read_as_it_was_written(day: date, name: str) -> None:
    assert day_cursor(str(Cursor(day, name))) == Cursor(day, name)


def test_an_address_has_the_form_that_it_had() -> None:
    moment = datetime(2026, 5, 19, 8, 30, tzinfo=UTC)
    assert str(Cursor(moment, "36-2026-A-000012")) == "2026-05-19T08:30:00+00:00~36-2026-A-000012"
    assert str(Cursor(date.max, "36-2026-A-000012")) == "sans~36-2026-A-000012"
    assert str(Cursor(date(2026, 5, 19), "x")) == "2026-05-19~x"


@pytest.mark.parametrize("text", ["", "~", "demain~36-2026-A-000012", "2026-13-01~x"])
def test_what_is_no_place_begins_the_list(text: str) -> None:
    assert day_cursor(text) is None
    assert moment_cursor(text) is None


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_has_no_year_in_utc_begins_the_list(moment: str) -> None:
    assert moment_cursor(f"{moment}~x") is None


def test_a_moment_needs_its_zone_and_a_name_is_cut() -> None:
    assert moment_cursor("2026-05-19T08:30:00~x") is None
    found = day_cursor("2026-05-19~" + "x\0" * 40)
    assert found is not None
    assert found.name == "x" * 20
