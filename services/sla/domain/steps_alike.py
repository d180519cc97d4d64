"""Steps that items have alike at one moment: taken for the first, made each other's own.

What to tell and when to wake up follow from the plans of the clocks, what stands of them, the
holder and the moment, all of which letters of one kind and day share (docs/decisions/0215). An
item's own are its id, chrono and revision, which no rule reads.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.sla.domain.advance import Advance, ItemState, advance
from services.sla.domain.announce import SourcesRead, latest
from services.sla.domain.plan import ClockPlan, Plan, Subject, plan
from services.sla.domain.rules import Rulebook
from services.sla.domain.standing import ClockStanding, Standing
from shared.facts.clocks import Clocks, RungReached, RungWithdrawn
from shared.facts.envelope import Chrono, ItemId
from shared.facts.ids import event_id
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import ClockName

FirstStep = tuple[tuple[ClockPlan, ...], Mapping[ClockName, ClockStanding], Advance]
"""A step, and what its key names by identity: held here, no other object can have theirs."""


class StepsAlike:
    """The steps of one batch, under the same rules and readings and at one moment."""

    def __init__(self, rulebook: Rulebook, read: SourcesRead, now: datetime) -> None:
        self._rulebook, self._read, self._now = rulebook, read, now
        self._taken: dict[Hashable, FirstStep] = {}

    def advance(self, item: ItemState, facts: Iterable[ItemFact] | None) -> Advance:
        """Does what `advance` does, for items that are alike once. Raises BeyondCalendar."""
        made = item.plan if facts is None and item.plan else plan(facts or (), self._rulebook)
        if made.subject is None:
            return self._by_itself(item, made)
        key = _key(made, made.subject, item.standing, self._now)
        if (first := self._taken.get(key)) is None:
            taken = self._by_itself(item, made)
            self._taken[key] = made.clocks, item.standing.clocks, taken
            return taken
        return _as_its_own(first[-1], item.standing, made, made.subject.chrono)

    def _by_itself(self, item: ItemState, made: Plan) -> Advance:
        return advance(replace(item, plan=made), None, self._rulebook, self._read, self._now)


def _key(made: Plan, subject: Subject, standing: Standing, now: datetime) -> Hashable:
    """Equal for items of which all that a step reads is the same, clocks by identity."""
    holder, clocks = subject.holder, standing.clocks
    of_item = subject.service, holder.service, holder.person, holder.signing, subject.category
    stands = id(clocks) if clocks else None
    planned = map(id, made.clocks)
    return latest(made, now), made.last, made.done, *of_item, subject.sources, stands, *planned


def _as_its_own(first: Advance, standing: Standing, made: Plan, chrono: Chrono | None) -> Advance:
    """Another item's step as that of the item of this standing and plan."""
    item_id, before = standing.item_id, standing.revision
    told = [
        _own_fact(fact, item_id, revision, chrono)
        for revision, fact in enumerate(first.told, start=before + 1)
    ]
    state = first.item
    stands = Standing(item_id, before + len(told), state.standing.clocks)
    return Advance(ItemState(stands, made, state.wake_at, state.unread_since, state.open), told)


def _own_fact(fact: Clocks, item_id: ItemId, revision: int, chrono: Chrono | None) -> Clocks:
    """A fact with the ids that `PendingFact.finish` would have given it for this item."""
    name: tuple[str | int, ...] = (revision,)
    if isinstance(fact, RungReached | RungWithdrawn):
        name = fact.rung, fact.telling
    return fact.model_copy(
        update={
            "event_id": event_id(item_id, fact.clock, fact.type, *name),
            "item_id": item_id,
            "revision": revision,
            "chrono": chrono,
        }
    )
