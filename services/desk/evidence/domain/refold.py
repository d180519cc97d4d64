"""Whether what the register shows of an item is what its facts say: fold(facts) is its row."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from services.desk.domain.clocks import ANSWER
from services.desk.domain.months import MonthPromise
from services.desk.domain.replan import Planned
from shared.facts.vocabulary import ClockName

CLEARED = "correspondent"
"""The column that a withdrawal empties for good."""


def row_differences(
    should: Mapping[str, object], row: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    """Yields the columns of an item's row that differ from what its facts give.

    Each with its name, the expected and the found value.
    """
    for name, value in should.items():
        has = row[name]
        if has != value and not (name == CLEARED and has is None):
            yield name, value, has


def due(clocks: Sequence[Planned], at_risk: AbstractSet[str]) -> Mapping[str, object]:
    """Computes the deadline columns of an item's row from its deadline timers."""
    running = {clock.clock: clock for clock in clocks if clock.outcome is None}
    first = next((running[name] for name in ANSWER if name in running), None)
    if first is None:
        return {"due": None, "due_clock": None, "at_risk": False}
    return {
        "due": first.limit,
        "due_clock": first.clock.value,
        "at_risk": first.clock.value in at_risk,
    }


def promises_differ(
    should: Sequence[MonthPromise], has: Sequence[MonthPromise]
) -> Iterator[tuple[ClockName, str, object, object]]:
    """Yields the deadlines of an item in a closed month that differ from its facts.

    Each with its name, the field, the expected and the found value.
    """
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
