"""The local days of instants and receipts (docs/domain.md §4), and when a local day ends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.facts.envelope import At, On, Receipt


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day on which an instant lies."""
    return moment.astimezone(zone).date()


def day_of(receipt: Receipt, zone: ZoneInfo) -> date:
    """Day 0: the local day of a receipt."""
    match receipt:
        case At(instant=instant):
            return local_day(instant, zone)
        case On(day=day):
            return day


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """24:00 local of a day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
