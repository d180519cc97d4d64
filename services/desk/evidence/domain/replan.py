"""What sla's pure rules make of the facts of an item, beside the clocks that the register shows.

The register knows no rule of the clocks: whoever starts it gives it `Replan`
(services/ops/replanner.py), the function that sla plans with, of facts and applied versions alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from shared.facts.clocks import Outcome
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName

GRACE = timedelta(hours=1)
"""For so long sla may not have said yet what a fact, or a moment, makes of a clock."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A deadline timer of an item at a moment, from a row or from facts; days are local."""

    clock: ClockName
    day_zero: date | None
    limit: date
    outcome: Outcome | None = None
    stopped_at: datetime | None = None
    raw: int | None = None
    net: int | None = None


class Replan(Protocol):
    """The interface that computes an item's deadlines again from facts and applied rules."""

    def clocks(
        self, facts: Sequence[Items], now: datetime, *, until: datetime | None = None
    ) -> Sequence[Planned]:
        """Computes every deadline of an item as of `now`, by the rules in effect at `until`.

        Raises:
            PermanentFailure: no calendar holds a date of it.
        """
        ...

    def sheet(self, facts: Sequence[Items], now: datetime) -> Sequence[Mapping[str, Any]]:
        """Returns the computation of each deadline day by day, for an auditor's program."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """A value of an item's deadline that differs between its facts and its row."""

    clock: ClockName
    what: str
    facts: object
    row: object


_COLUMNS = {"limit": "limit_day"}
"""The column of a field, where it is named otherwise."""


def differing(
    facts: Sequence[Items], rows: Sequence[Planned], replan: Replan, now: datetime
) -> tuple[int, Sequence[Changed]]:
    """Compares an item's deadlines as computed from facts with its rows.

    Returns how many were compared, and each difference. What happened within the last hour may or
    may not have reached sla, so both are accepted.
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
