"""Clocks planned again for whoever verifies: sla's pure rules, given to the register from outside.

The register imports no rule of sla, and reads nothing of its schema: `plan(facts, rules)` is asked
of the register's own facts and of the versions in schema `site`, which every role reads. So what it
compares with does not pass through any table of sla.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.desk.domain.replan import Planned, Replan
from services.desk.jobs import Replanning
from services.sla.domain.announce import latest, stop_of
from services.sla.domain.plan import ClockPlan, plan
from services.sla.domain.rules import Rulebook
from services.sla.rulebook import Editions
from shared.facts.items import Items
from shared.platform.database import Connection


def make_replanning() -> Replanning:
    """Makes a function that gives each transaction a `Replanner` of the applied rules."""
    editions = Editions()

    async def ready(connection: Connection) -> Replan:
        return Replanner((await editions(connection)).rulebook)

    return ready


@dataclass(frozen=True)
class Replanner:
    """The planner of items' clocks, once more by sla's rules, to verify what was stored."""

    rulebook: Rulebook

    def clocks(
        self, facts: Sequence[Items], now: datetime, *, until: datetime | None = None
    ) -> Sequence[Planned]:
        """Plans the clocks of an item again from its facts, by the rules in effect at `until`."""
        rulebook = self.rulebook if until is None else self.rulebook.until(until)
        made = plan(facts, rulebook)
        if made.subject is None:
            return ()
        moment = latest(made, now)
        return [_planned(clock, moment) for clock in made.clocks]

    def sheet(self, facts: Sequence[Items], now: datetime) -> Sequence[Mapping[str, Any]]:
        """Returns no computation sheet: a verification needs none."""
        del facts, now
        return ()


def _planned(one: ClockPlan, moment: datetime) -> Planned:
    stop = stop_of(one, moment)
    if stop is None:
        return Planned(one.clock, one.day_zero, one.limit)
    return Planned(one.clock, one.day_zero, one.limit, stop.outcome, stop.at, stop.raw, stop.net)
