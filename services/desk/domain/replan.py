"""The clocks of an item planned again by sla's rules, as whoever starts the register gives it.

The register knows no rule of the clocks: it is given `Replan` (services/ops/replanner.py), the
function that sla plans with, of facts and applied versions alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shared.facts.clocks import Outcome
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName


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
    """Interface that computes an item's deadlines again, from facts and applied rules.

    Returns them and stores nothing.
    """

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
