"""When somebody of ours can be told: from the opening hour on, on a jour ouvré."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.calendar.working_days import WorkingCalendar
from shared.facts.envelope import ServiceId
from shared.site.tables.bundle import Site
from shared.site.tables.identity import OpeningHours


def hours_of(site: Site, service: ServiceId) -> OpeningHours:
    """Returns the opening hours of a service, else those of the préfecture."""
    known = site.service.get(service)
    return (known.opening if known else None) or site.identity.opening


def opens_at(day: date, hours: OpeningHours, zone: ZoneInfo) -> datetime:
    """Returns the moment of opening on a local day."""
    return datetime.combine(day, hours.opens, tzinfo=zone)


def closes_at(day: date, hours: OpeningHours, zone: ZoneInfo) -> datetime:
    """Returns the moment of closing on a local day."""
    return datetime.combine(day, hours.closes, tzinfo=zone)


def next_open(
    now: datetime, hours: OpeningHours, calendar: WorkingCalendar, zone: ZoneInfo
) -> datetime:
    """Returns `now` if within opening hours, else the next opening. Raises BeyondCalendar."""
    local = now.astimezone(zone)
    if calendar.is_worked(local.date()):
        if local.time() < hours.opens:
            return opens_at(local.date(), hours, zone)
        if local.time() < hours.closes:
            return now
    return next_opening(now, hours, calendar, zone)


def next_opening(
    now: datetime, hours: OpeningHours, calendar: WorkingCalendar, zone: ZoneInfo
) -> datetime:
    """Returns the opening of the first jour ouvré after the day of `now`. Raises BeyondCalendar."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return opens_at(calendar.first_worked_not_before(tomorrow), hours, zone)
