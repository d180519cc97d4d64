"""The hours of a place in French, the same on each paper and page that says them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby
from typing import Final

from shared.calendar.local_days import NBSP, plain_day, plain_hour
from shared.calendar.working_days import WorkingCalendar
from shared.site.place_hours import HoursException, OpenDay, different_days
from shared.site.tables.bundle import Site
from shared.site.tables.places import AppointmentRule, ReceptionPlace, Slots

WEEK: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
CLOSED: Final = "fermé"
APPOINTMENTS: Final = {
    AppointmentRule.WITHOUT: "Sans rendez-vous",
    AppointmentRule.BOTH: "Avec ou sans rendez-vous",
    AppointmentRule.ONLY: "Sur rendez-vous seulement",
}
MANY: Final = 2
"""Days in a row that are told one by one."""


@dataclass(frozen=True, slots=True)
class PlaceHours:
    """The French words about a reception place: its week, the days that differ, its help."""

    name: str
    where: str
    address: str
    phone: str
    week: tuple[tuple[str, str], ...]
    """Days and hours: « du lundi au jeudi », « de 9 h à 12 h »."""
    different: tuple[str, ...]
    """« jeudi 24 décembre 2026 : fermé »."""
    appointment: str
    languages: str


def place_hours(
    place: ReceptionPlace,
    site: Site,
    exceptions: Sequence[HoursException],
    today: date,
    days: WorkingCalendar,
) -> PlaceHours:
    """Formats a reception place's hours and contact as of a local day. Raises BeyondCalendar."""
    service = site.service_now(place.service)
    postal = place.postal or (None if service is None else service.postal) or site.identity.postal
    phone = place.phone or (site.identity.phone if service is None else service.phone)
    return PlaceHours(
        name=place.name,
        where=place.where or "",
        address=f"{postal.street}, {postal.postcode} {postal.town}",
        phone=phone.replace(" ", NBSP),
        week=tuple(_week(place)),
        different=tuple(_different(place, different_days(place, exceptions, today, days))),
        appointment=APPOINTMENTS[place.appointment],
        languages=", ".join(place.languages),
    )


def hours(slots: Slots) -> str:
    """Formats opening hours: « de 9 h à 12 h et de 13 h 30 à 16 h 30 », or « fermé »."""
    if not slots:
        return CLOSED
    return " et ".join(f"de {clock(slot.opens)} à {clock(slot.closes)}" for slot in slots)


def clock(at: time) -> str:
    """Formats a time of day in French: « 9 h », « 13 h 30 »."""
    return plain_hour(at) if at.minute else f"{at.hour}{NBSP}h"


def _week(place: ReceptionPlace) -> Iterator[tuple[str, str]]:
    for slots, found in groupby(range(7), key=lambda day: place.week.days[day]):
        days = [WEEK[day] for day in found]
        yield _named(days), hours(slots)


def _named(days: Sequence[str]) -> str:
    if len(days) <= MANY:
        return " et ".join(days)
    return f"du {days[0]} au {days[-1]}"


def _different(place: ReceptionPlace, found: Sequence[OpenDay]) -> Iterator[str]:
    """The days that differ, those in a row together: a closed weekend between two parts no row."""
    rows: list[list[OpenDay]] = []
    for known in found:
        if rows and _goes_on(place, rows[-1][-1], known):
            rows[-1].append(known)
        else:
            rows.append([known])
    for row in rows:
        first, last = row[0], row[-1]
        why = f" ({first.holiday})" if first.holiday and len(row) == 1 else ""
        if first.day == last.day:
            yield f"{_day(first.day)} : {hours(first.slots)}{why}"
        else:
            yield f"du {_day(first.day)} au {_day(last.day)} : {hours(first.slots)}"


def _goes_on(place: ReceptionPlace, before: OpenDay, after: OpenDay) -> bool:
    if before.slots != after.slots or before.holiday or after.holiday:
        return False
    day = before.day + timedelta(days=1)
    while day < after.day:
        if before.slots or place.week.days[day.weekday()]:
            return False
        day += timedelta(days=1)
    return True


def _day(day: date) -> str:
    return f"{WEEK[day.weekday()]} {plain_day(day)}"
