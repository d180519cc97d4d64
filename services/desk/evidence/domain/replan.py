"""What sla's pure rules make of the facts of an item, beside the clocks that the register shows.

Planned again by the `Replan` that the register was given (services/desk/domain/replan.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from services.desk.domain.replan import Planned, Replan
from shared.facts.clocks import Outcome
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName

GRACE = timedelta(hours=1)
"""For so long sla may not have said yet what a fact, or a moment, makes of a clock."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A value of an item's deadline that differs between its facts and its row."""

    clock: ClockName
    what: str
    facts: object
    row: object


_COLUMNS = {"limit": "limit_day"}
"""The column of a field, where it is named otherwise."""


def deadline_differences(
    facts: Sequence[Items], rows: Sequence[Planned], replan: Replan, now: datetime
) -> tuple[int, Sequence[Changed]]:
    """Compares an item's deadlines, computed again from its facts, with the stored ones.

    Returns how many were compared, and each difference. A fact of the last hour may not have
    reached sla yet: the deadlines with and without it are both accepted.
    """
    planned = replan.clocks(facts, now)
    found = list(_between(planned, rows))
    if not found:
        return len(planned), ()
    for said in _before(facts, now):
        for moment in (now, now - GRACE):
            if not list(_between(replan.clocks(said, moment), rows)):
                return len(planned), ()
    if all(change.what == "stopped_at" for change in found):
        found = [change for change in found if not _ever(facts, change, replan, now)]
    return len(planned), found


def _before(facts: Sequence[Items], now: datetime) -> Iterator[Sequence[Items]]:
    """The facts without the last of them, for as far as sla may not have heard them."""
    yield facts
    for known in range(len(facts) - 1, 0, -1):
        if facts[known].recorded_at < now - GRACE:
            return
        yield facts[:known]


def _ever(facts: Sequence[Items], change: Changed, replan: Replan, now: datetime) -> bool:
    """Whether this was the moment of the end when fewer facts were known."""
    return any(
        planned.clock is change.clock and planned.stopped_at == change.row
        for known in range(1, len(facts))
        for planned in replan.clocks(facts[:known], now)
    )


def _between(planned: Sequence[Planned], rows: Sequence[Planned]) -> Iterator[Changed]:
    given = {clock.clock: clock for clock in planned}
    shown = {clock.clock: clock for clock in rows}
    for clock in ClockName:
        facts, row = given.get(clock), shown.get(clock)
        if facts is None and row is not None and row.outcome is not Outcome.WITHDRAWN:
            yield Changed(clock, "clock", None, row.outcome or f"limit {row.limit}")
        elif facts is not None and row is None:
            yield Changed(clock, "clock", facts.outcome or f"limit {facts.limit}", None)
        elif facts is not None and row is not None:
            for name in (field.name for field in fields(Planned)):
                should, has = getattr(facts, name), getattr(row, name)
                if should != has:
                    yield Changed(clock, _COLUMNS.get(name, name), should, has)
