"""Steps that items have alike: taken for the first, made each other's own.

What to tell and when to wake up follow from the plans of the clocks, what stands of them, the
holder and the moment, all of which letters of one kind and day share (docs/decisions/0215). An
item's own are its id, chrono and revision, which no rule reads; of the facts that it is told only
these and the moment of record are made (facts_alike.py). The first step of a kind, which tells its
clocks, is another only from the moment at which it asks to be woken: it serves the next batches too
(docs/decisions/0225).
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from services.sla.domain.advance import Advance, ItemState, advance
from services.sla.domain.announce import SourcesRead, due_rungs, latest
from services.sla.domain.facts_alike import FactPattern, Whose
from services.sla.domain.plan import Plan, Subject, plan
from services.sla.domain.rules import Rulebook
from services.sla.domain.standing import Standing
from shared.facts.envelope import Chrono
from shared.facts.items.base import ItemFact
from shared.facts.publication import Publication

MOST_LASTING = 500
"""First steps that rules keep, some 10 kB each: of what depends on a kind of letter and a day."""

OwnStep = tuple[ItemState, Sequence[Publication]]
"""An item's new state, and the clock facts to publish: whole, or of a pattern."""


@dataclass(frozen=True)
class FirstStep:
    """A step that was worked out, with the item that took it and the moment `as_of` which it did.

    Its key names clocks by identity: they are held here, so that no other object can have theirs.
    """

    before: ItemState
    after: Advance
    as_of: datetime

    @cached_property
    def patterns(self) -> Sequence[FactPattern]:
        """The texts of its facts, for those of items that are alike."""
        return [FactPattern(fact) for fact in self.after.told]

    @cached_property
    def lasts(self) -> bool:
        """Whether it is the same until the item is to be woken, whatever was read meanwhile.

        So it is where nothing was told before, so that no fact happens when it is told, and where
        no rung that is due hangs on what was read.
        """
        clocks = self.before.plan.clocks if self.before.plan else ()
        return not self.before.standing.clocks and not any(
            rung.gate for clock in clocks for rung in due_rungs(clock, self.as_of)
        )

    def holds(self, as_of: datetime) -> bool:
        """Whether it is the step of an item that is alike, at this moment."""
        wake_at = self.after.item.wake_at
        return self.as_of <= as_of and (wake_at is None or as_of < wake_at)


class StepsAlike:
    """The steps of one batch, under the same rules and readings and at one moment.

    What is told first of letters of a kind is kept under the rules, from batch to batch.
    """

    def __init__(self, rulebook: Rulebook, read: SourcesRead, now: datetime) -> None:
        self._rulebook, self._read, self._now = rulebook, read, now
        self._taken: dict[Hashable, FirstStep] = {}
        self._lasting = rulebook.last.once(FirstStep, dict[Hashable, FirstStep])

    def advance(self, item: ItemState, facts: Iterable[ItemFact] | None) -> OwnStep:
        """Does what `advance` does, for items that are alike once. Raises BeyondCalendar."""
        made = item.plan if facts is None and item.plan else plan(facts or (), self._rulebook)
        if (subject := made.subject) is None:
            taken = self._work_out(item, made)
            return taken.item, taken.told
        as_of, key = latest(made, self._now), _key(made, subject, item.standing)
        first = self._lasting.get(key)
        if first is None or not first.holds(as_of):
            first = self._taken.get((as_of, key))
        if first is None:
            taken = self._work_out(item, made)
            self._keep(key, FirstStep(replace(item, plan=made), taken, as_of))
            return taken.item, taken.told
        return _as_its_own(first, item.standing, made, subject.chrono, as_of)

    def _work_out(self, item: ItemState, made: Plan) -> Advance:
        return advance(replace(item, plan=made), None, self._rulebook, self._read, self._now)

    def _keep(self, key: Hashable, first: FirstStep) -> None:
        if not first.lasts:
            self._taken[first.as_of, key] = first
            return
        if len(self._lasting) >= MOST_LASTING:
            self._lasting.clear()
        self._lasting[key] = first


def _key(made: Plan, subject: Subject, standing: Standing) -> Hashable:
    """Equal for items of which all that a step reads is the same, clocks by identity."""
    holder, clocks = subject.holder, standing.clocks
    of_item = subject.service, holder.service, holder.person, holder.signing, subject.category
    stands = id(clocks) if clocks else None
    return made.last, made.done, *of_item, subject.sources, stands, *map(id, made.clocks)


def _as_its_own(
    first: FirstStep, standing: Standing, made: Plan, chrono: Chrono | None, as_of: datetime
) -> OwnStep:
    """Another item's step as that of the item of this standing and plan."""
    whose, before = Whose(standing.item_id, chrono, as_of), standing.revision
    told = [
        pattern.of(whose, revision)
        for revision, pattern in enumerate(first.patterns, start=before + 1)
    ]
    state = first.after.item
    stands = Standing(whose.item_id, before + len(told), state.standing.clocks)
    return ItemState(stands, made, state.wake_at, state.unread_since, state.open), told
