"""When a place is open on a day: its week, legal holidays, and what a person stated otherwise.

One computation for the panel, the slip, the poster, the loge and the public form: what one of them
says the others say too. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.calendar.territories import Territory
from shared.calendar.working_days import ABOLITION, WEEKEND, WorkingCalendar
from shared.site.tables.places import ReceptionPlace, Slots

AHEAD: Final = 60
"""Days ahead for which what differs from the week is said."""
FIXED: Final = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
"""Month and day of the legal holidays that may fall on a weekend: the calendar names none there."""
ALSACE_DAY: Final = (12, 26)


@dataclass(frozen=True, slots=True)
class HoursException:
    """Exceptional hours of a reception place on some days, both included; none: closed."""

    number: int
    place: str
    first: date
    last: date
    slots: Slots


@dataclass(frozen=True, slots=True)
class OpenDay:
    """The opening hours of a reception place on a local day."""

    day: date
    slots: Slots
    exceptional: bool = False
    """A person stated them for this day."""
    holiday: str | None = None
    """Why it is closed, of a day on which its week would be open."""


def open_day(
    place: ReceptionPlace, exceptions: Iterable[HoursException], day: date, days: WorkingCalendar
) -> OpenDay:
    """Returns a reception place's hours on a local day; the exception stated last wins.

    Raises BeyondCalendar.
    """
    mine = [
        exception
        for exception in exceptions
        if exception.place == place.id and exception.first <= day <= exception.last
    ]
    if mine:
        last = max(mine, key=lambda exception: exception.number)
        return OpenDay(day, last.slots, exceptional=True)
    usual = place.week.days[day.weekday()]
    holiday = _holiday(day, days)
    if holiday is not None:
        return OpenDay(day, (), holiday=holiday if usual else None)
    return OpenDay(day, usual)


def _holiday(day: date, days: WorkingCalendar) -> str | None:
    if day.weekday() not in WEEKEND:
        return days.why_off(day)
    month_and_day = (day.month, day.day)
    legal = month_and_day in FIXED or month_and_day == ABOLITION.get(days.territory)
    if days.territory is Territory.ALSACE_MOSELLE:
        legal = legal or month_and_day == ALSACE_DAY
    return "jour férié" if legal else None


def different_days(
    place: ReceptionPlace, exceptions: Sequence[HoursException], today: date, days: WorkingCalendar
) -> Sequence[OpenDay]:
    """Returns the days from today on that differ from a reception place's week, in order.

    Two months ahead, or up to the last exceptional hours that a person stated, if later.
    Raises BeyondCalendar.
    """
    mine = [exception for exception in exceptions if exception.place == place.id]
    until = max([today + timedelta(days=AHEAD), *(exception.last for exception in mine)])
    found = []
    day = today
    while day <= until:
        known = open_day(place, mine, day, days)
        if known.slots != place.week.days[day.weekday()]:
            found.append(known)
        day += timedelta(days=1)
    return found
