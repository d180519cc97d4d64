"""Whether what the register shows of an item is what its facts say: fold(facts) is its row."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.desk.domain.clocks import ANSWER
from services.desk.domain.item import ItemStatus
from services.desk.domain.months import RUNNING, MonthPromise
from services.desk.domain.replan import Planned
from shared.facts.clocks import Outcome
from shared.facts.vocabulary import ClockName

CLEARED = "correspondent"
"""The column that a withdrawal empties for good."""


def differing(
    should: Mapping[str, object], row: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    """Each column that is not what the facts give: its name, what they give, what it has."""
    for name, value in should.items():
        has = row[name]
        if has != value and not (name == CLEARED and has is None):
            yield name, value, has


def due(clocks: Sequence[Planned], at_risk: AbstractSet[str]) -> Mapping[str, object]:
    """The limit that an item's row shows, from its clocks."""
    running = {clock.clock: clock for clock in clocks if clock.outcome is None}
    first = next((running[name] for name in ANSWER if name in running), None)
    if first is None:
        return {"due": None, "due_clock": None, "at_risk": False}
    return {
        "due": first.limit,
        "due_clock": first.clock.value,
        "at_risk": first.clock.value in at_risk,
    }


def result(clock: Planned, state: ItemStatus, ended: date | None, *, perimeter: bool) -> str:
    """How a clock counts: desk.result_of, said a second time, so that neither is believed alone.

    `ended`: the local day of its end.
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


def judged(result: str, limit: date, as_of: date) -> str:
    """The same on a day: what is open past its limit is overdue."""
    return "overdue" if result == RUNNING[0] and limit < as_of else result


def promises_differ(
    should: Sequence[MonthPromise], has: Sequence[MonthPromise]
) -> Iterator[tuple[ClockName, str, object, object]]:
    """Of one item in one closed month: clock, what, what the facts gave, what stands there."""
    given, kept = ({clock.clock: clock for clock in each} for each in (should, has))
    for clock in ClockName:
        one, other = given.get(clock), kept.get(clock)
        if one is None and other is not None and other.result != "excluded":
            yield clock, "promise", None, other.result
        elif one is not None and other is None:
            yield clock, "promise", one.result, None
        elif one is not None and other is not None:
            for what in ("chrono", "result", "limit_day", "days", "service", "channel"):
                if getattr(one, what) != getattr(other, what):
                    yield clock, what, getattr(one, what), getattr(other, what)


def local(moment: datetime | None, zone: ZoneInfo) -> date | None:
    """The local day of a moment."""
    return None if moment is None else moment.astimezone(zone).date()
