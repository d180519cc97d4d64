"""The local days of instants and receipts (docs/domain.md §4): their end, their words and hours."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.facts.envelope import At, On, Receipt

WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NBSP: Final = "\N{NO-BREAK SPACE}"
MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Returns the local calendar day of an instant."""
    return moment.astimezone(zone).date()


def day_of(receipt: Receipt, zone: ZoneInfo) -> date:
    """Returns the local calendar day of a receipt, which is day 0 of the clocks."""
    match receipt:
        case At(instant=instant):
            return local_day(instant, zone)
        case On(day=day):
            return day


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """Returns the begin of a local day (0:00) as an instant in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Returns the end of a local day (24:00) as an instant in UTC."""
    return begin_of(day + timedelta(days=1), zone)


def long_day(day: date) -> str:
    """Formats a day in French: « mardi 12 mai 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {plain_day(day)}"


def plain_day(day: date) -> str:
    """Formats a day in French without its weekday: « 1er mai 2026 », « 12 mai 2026 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def plain_hour(at: time | datetime) -> str:
    """Formats an hour of local time in French: « 9 h 05 », which no line breaks."""
    return f"{at.hour}{NBSP}h{NBSP}{at.minute:02}"


def month_of(day: date) -> str:
    """Formats the month of a day in French: « mai 2026 »."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def of_month(day: date) -> str:
    """Formats what is of the month of a day in French: « de mai 2026 », « d’avril 2026 »."""
    words = month_of(day)
    return f"d’{words}" if words[0] in "ao" else f"de {words}"


def month_named(text: str) -> date:
    """Parses a month `YYYY-MM` and returns its first day. Raises ValueError for another text."""
    return date.fromisoformat(f"{text}-01")


def month_before(day: date) -> date:
    """Returns the first day of the month before the one in which a day lies."""
    return (day.replace(day=1) - date.resolution).replace(day=1)


def month_after(day: date) -> date:
    """Returns the first day of the month after the one in which a day lies."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
