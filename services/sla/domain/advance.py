"""The one step that the handler and the ticker both take: plan, tell, and know when to wake up."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.sla.domain.announce import SourcesRead, announce, due_rungs, latest, stop_of
from services.sla.domain.plan import Plan, plan
from services.sla.domain.rules import Rulebook
from services.sla.domain.standing import Standing
from shared.facts.clocks import Clocks
from shared.facts.items.base import ItemFact


@dataclass(frozen=True, slots=True)
class ItemState:
    """The stored state of an item's clocks between two updates; `plan`: `None` before the first."""

    standing: Standing
    plan: Plan | None = None
    wake_at: datetime | None = None
    """The next moment at which anything could change; `None`: only a fact can."""
    unread_since: datetime | None = None
    """Rungs wait until the sources of its service were read at or after this moment (rule 1)."""
    open: bool = True
    """Other rules could still change it: a clock runs, or it has none and is not done with."""


@dataclass(frozen=True, slots=True)
class Advance:
    """The result of updating an item's clocks: the new state, and the clock facts to publish."""

    item: ItemState
    told: Sequence[Clocks]


def advance(
    item: ItemState,
    facts: Iterable[ItemFact] | None,
    rulebook: Rulebook,
    read: SourcesRead,
    now: datetime,
) -> Advance:
    """Computes an item's clocks as of `now`: their plan, the facts to publish, when to wake it.

    `facts` are all those known of the item when there is a new one or the rules changed; `None`
    when only time passed, and the plan is what it was. Raises BeyondCalendar.
    """
    made = item.plan if facts is None and item.plan else plan(facts or (), rulebook)
    told = announce(made, item.standing, read, now)
    standing = item.standing.after(told)
    as_of = latest(made, now)
    waiting = list(_waiting(made, standing, as_of))
    ahead = [*_ahead(made, as_of), *(until for _, until in waiting)]
    stepped = replace(
        item,
        standing=standing,
        plan=made,
        wake_at=min(ahead, default=None),
        unread_since=min((since for since, _ in waiting), default=None),
        open=any(not stop_of(clock, as_of) for clock in made.clocks)
        if made.clocks
        else not made.done,
    )
    return Advance(stepped, told)


def _ahead(made: Plan, now: datetime) -> Iterator[datetime]:
    """Every later moment that the plan names."""
    for clock in made.clocks:
        if stop_of(clock, now):
            continue
        moments = [rung.at for rung in clock.rungs]
        moments += [moment for pause in clock.pauses for moment in (pause.begun, pause.over)]
        moments += [clock.stop.at] if clock.stop else []
        yield from (moment for moment in moments if moment > now)


def _waiting(made: Plan, standing: Standing, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """For each rung due and not yet told: from when on its sources must be read, and until when."""
    for clock in made.clocks:
        stands = standing.clocks.get(clock.clock)
        for rung in due_rungs(clock, now):
            if rung.gate and not (stands and rung.name in stands.rungs):
                yield rung.gate.read_from, rung.gate.latest
