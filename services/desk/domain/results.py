"""The result of a deadline, as desk.result_of and desk.judged say it in SQL: pure.

Who proves the figures and who rehearses other rules ask the same functions.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.desk.domain.item import ItemStatus
from services.desk.domain.months import RUNNING
from services.desk.domain.replan import Planned
from shared.facts.clocks import Outcome


def result(clock: Planned, state: ItemStatus, ended: date | None, *, perimeter: bool) -> str:
    """Computes the result of an item's deadline (kept, late, open …) as `desk.result_of` does.

    It is to verify that SQL function. `ended`: the local day on which the item ended.
    """
    if not perimeter or state is ItemStatus.MERGED:
        return "excluded"
    match clock.outcome:
        case None:
            return "observed" if state is ItemStatus.OBSERVED else "open"
        case Outcome.KEPT | Outcome.LATE:
            return clock.outcome.value
        case Outcome.BORN:
            return "late"
        case Outcome.CLOSED:
            return "late" if ended is not None and ended > clock.limit else "closed"
        case _:
            return "excluded"


def result_as_of(result: str, limit: date, as_of: date) -> str:
    """Returns a deadline's result as of a local day: `overdue` for an open one past its limit."""
    return "overdue" if result == RUNNING[0] and limit < as_of else result


def local(moment: datetime | None, zone: ZoneInfo) -> date | None:
    """Returns the local day of a moment in a time zone; `None` for `None`."""
    return None if moment is None else moment.astimezone(zone).date()
