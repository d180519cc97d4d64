"""Local days and instants of a receipt."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.calendar.local_days import day_of
from shared.facts.envelope import At, Receipt

LONG_AGO = timedelta(days=60)
"""A day of receipt further back is seldom meant: in January the year before is typed by habit."""
NOON = time(12)
"""Stands for a day of which no hour is known: no zone or summer time moves it to another day."""


def local_day(receipt: Receipt, zone: ZoneInfo) -> date:
    """Returns the local calendar day of a receipt, which is day 0 (docs/domain.md §4)."""
    return day_of(receipt, zone)


def instant_of(receipt: Receipt, zone: ZoneInfo) -> datetime:
    """Returns the instant of a receipt; noon of the local day when only the day is known."""
    if isinstance(receipt, At):
        return receipt.instant
    return datetime.combine(receipt.day, NOON, zone)
