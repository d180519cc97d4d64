"""An item under two rules: as if they were applied now, and as if they had always been. Pure.

What is still to come is told by the first question, by rule 14 of docs/clocks.md: a stopped clock
keeps the rules of its stop. What is over is told by the second: the item as it would have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.difference import ChangedThing, RehearsedChange, differences
from services.ops.rehearsal.item_scope import ItemScope
from services.ops.rehearsal.outcome import RehearsedItem
from services.ops.rehearsal.reasons import RuleDifference
from services.ops.rehearsal.replay import Replay, ReplayRules, always, replay_item
from services.ops.rehearsal.restatement import Rerouting, Restatement
from services.ops.rehearsal.rule_scope import EVERYTHING, until_the_eve
from services.sla.domain.rules import ClockRules, Rulebook
from shared.calendar.working_days import BeyondCalendar
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import AppliedSite


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """The outcomes of one item under the rules in effect and under others, and what differs."""

    before: RehearsedItem | None
    after: RehearsedItem | None
    changes: Sequence[RehearsedChange]


@dataclass(frozen=True)
class RuleComparison:
    """The comparison of items' outcomes under two versions of the rules: applied and proposed."""

    applied: Rulebook
    proposed: AppliedSite
    perimeter: LabelPerimeter
    reroute: Rerouting | None = None
    ahead: bool = True
    """Whether what is still to come is asked too; of a month that is past, it is not."""
    base: AppliedSite | None = None
    """What the proposed rules are compared with; `None`: the last applied version."""

    @property
    def before(self) -> AppliedSite:
        """The rules in effect, with which the proposed ones are compared."""
        return self.base or self.applied.last.applied

    def compare(self, facts: Sequence[Items], now: datetime) -> ComparedItem:
        """Computes an item's outcomes under both rules from its facts, given in any order.

        Raises PermanentFailure when they can't be replayed.
        """
        replay = Replay(facts, now)
        stated, scope = self._restatement(facts), self._scope.of(facts)
        alike = stated is facts
        if alike and (same := self._before_other_days(replay)) is not None:
            return ComparedItem(same, same, ())
        before = replay.under(self._always_before, seen=scope if alike else EVERYTHING)
        after = (
            replay.under(self._always_after, before, scope)
            if alike
            else replay_item(stated, self._always_after, now)
        )
        today = now.astimezone(self.before.site.zone).date()
        would = [
            replace(change, ahead=False) for change in differences(before, after, self._why, today)
        ]
        if not self.ahead or scope.nothing:
            return ComparedItem(before, after, would)
        if not (_may_move(before) or _may_move(after) or self._told_since(facts)):
            return ComparedItem(before, after, would)
        alone = len(self.applied.versions) == 1 and self.base is None
        stands = before if alone else replay.under(self._now, seen=scope)
        moved = replay.under(self._then, stands, scope)
        coming = [
            replace(change, ahead=True)
            for change in differences(stands, moved, self._why, today)
            if change.ahead or change.thing is not ChangedThing.NOTICE
        ]
        told = {(change.thing, change.subject, change.name) for change in coming}
        rest = [
            change for change in would if (change.thing, change.subject, change.name) not in told
        ]
        return ComparedItem(before, after, [*coming, *rest])

    def _before_other_days(self, replay: Replay) -> RehearsedItem | None:
        """The item, where all of it lies before the days that are worked otherwise."""
        try:
            for rules in self._until_the_eve[1:]:
                replay.under(rules)
            return replay.under(self._until_the_eve[0]) if self._until_the_eve else None
        except BeyondCalendar:
            return None

    @cached_property
    def _until_the_eve(self) -> Sequence[ReplayRules]:
        """Of both questions, until the eve of other days; empty where more than days differs."""
        eve = until_the_eve(self.before, self.proposed)
        if eve is None:
            return ()
        found = always(eve, self.perimeter)
        if not self.ahead or (len(self.applied.versions) == 1 and self.base is None):
            return (found,)
        versions = (*self.applied.versions[:-1], ClockRules(eve))
        return found, ReplayRules(Rulebook(versions), self.perimeter)

    def _told_since(self, facts: Sequence[Items]) -> bool:
        """Whether a fact was recorded under the proposed rules already: its stop is not settled."""
        return any(fact.recorded_at >= self.proposed.effective_from for fact in facts)

    @cached_property
    def _scope(self) -> ItemScope:
        return ItemScope(self.before, self.proposed)

    @cached_property
    def _always_before(self) -> ReplayRules:
        return always(self.before, self.perimeter)

    @cached_property
    def _always_after(self) -> ReplayRules:
        return always(self.proposed, self.perimeter)

    @cached_property
    def _now(self) -> ReplayRules:
        return ReplayRules(self.applied, self.perimeter)

    @cached_property
    def _then(self) -> ReplayRules:
        versions = (*self.applied.versions, ClockRules(self.proposed))
        return ReplayRules(Rulebook(versions), self.perimeter)

    @cached_property
    def _restatement(self) -> Restatement:
        return Restatement(self.before.site, self.proposed.site, self.reroute)

    @cached_property
    def _why(self) -> RuleDifference:
        return RuleDifference(self.before, self.proposed)


def _may_move(item: RehearsedItem | None) -> bool:
    """Whether rules that are applied now could still move something of it (CLOCKS, rule 14)."""
    if item is None:
        return False
    running = any(clock.running for clock in item.clocks.values())
    return (
        running
        or ClockName.IMPLIED_DECISION in item.clocks
        or any(notice.verdict in {"later", "hold"} for notice in item.notices.values())
    )
