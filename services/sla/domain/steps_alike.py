"""Steps that items have alike at one moment: taken for the first, made each other's own.

What to tell and when to wake up follow from the plans of the clocks, what stands of them, the
holder and the moment, all of which letters of one kind and day share (docs/decisions/0215). An
item's own are its id, chrono and revision, which no rule reads; of the facts that it is told only
these are made (facts_alike.py).
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from services.sla.domain.advance import Advance, ItemState, advance
from services.sla.domain.announce import SourcesRead, latest
from services.sla.domain.facts_alike import FactPattern, Whose
from services.sla.domain.plan import Plan, Subject, plan
from services.sla.domain.rules import Rulebook
from services.sla.domain.standing import Standing
from shared.facts.envelope import Chrono
from shared.facts.items.base import ItemFact
from shared.facts.publication import Publication

OwnStep = tuple[ItemState, Sequence[Publication]]
"""An item's new state, and the clock facts to publish: whole, or of a pattern."""


@dataclass(frozen=True)
class FirstStep:
    """A step that was worked out, with the item that took it.

    Its key names clocks by identity: they are held here, so that no other object can have theirs.
    """

    before: ItemState
    after: Advance

    @cached_property
    def patterns(self) -> Sequence[FactPattern]:
        """The texts of its facts, for those of items that are alike."""
        return [FactPattern(fact) for fact in self.after.told]


class StepsAlike:
    """The steps of one batch, under the same rules and readings and at one moment."""

    def __init__(self, rulebook: Rulebook, read: SourcesRead, now: datetime) -> None:
        self._rulebook, self._read, self._now = rulebook, read, now
        self._taken: dict[Hashable, FirstStep] = {}

    def advance(self, item: ItemState, facts: Iterable[ItemFact] | None) -> OwnStep:
        """Does what `advance` does, for items that are alike once. Raises BeyondCalendar."""
        made = item.plan if facts is None and item.plan else plan(facts or (), self._rulebook)
        key = _key(made, made.subject, item.standing, self._now) if made.subject else None
        if made.subject and key in self._taken:
            return _as_its_own(self._taken[key], item.standing, made, made.subject.chrono)
        planned = replace(item, plan=made)
        taken = advance(planned, None, self._rulebook, self._read, self._now)
        if key is not None:
            self._taken[key] = FirstStep(planned, taken)
        return taken.item, taken.told


def _key(made: Plan, subject: Subject, standing: Standing, now: datetime) -> Hashable:
    """Equal for items of which all that a step reads is the same, clocks by identity."""
    holder, clocks = subject.holder, standing.clocks
    of_item = subject.service, holder.service, holder.person, holder.signing, subject.category
    stands = id(clocks) if clocks else None
    planned = map(id, made.clocks)
    return latest(made, now), made.last, made.done, *of_item, subject.sources, stands, *planned


def _as_its_own(first: FirstStep, standing: Standing, made: Plan, chrono: Chrono | None) -> OwnStep:
    """Another item's step as that of the item of this standing and plan."""
    whose, before = Whose(standing.item_id, chrono), standing.revision
    told = [
        pattern.of(whose, revision)
        for revision, pattern in enumerate(first.patterns, start=before + 1)
    ]
    state = first.after.item
    stands = Standing(whose.item_id, before + len(told), state.standing.clocks)
    return ItemState(stands, made, state.wake_at, state.unread_since, state.open), told
