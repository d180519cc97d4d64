"""Which clocks of one item two versions of the rules may count otherwise: pure.

A clock stands on the lines that could promise it: those of each case (channel, classification,
service) that the item ever had. Where both versions promise all of these alike, so is the clock,
and nothing of it is replayed twice. A test holds this to the whole replay, item by item.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Final

from services.ops.rehearsal.rule_scope import MovedRules, moved_rules
from services.sla.domain.commitments import commitment_for
from services.sla.domain.plan import EVERY
from services.sla.domain.rules import ClockRules
from shared.facts.envelope import ServiceId
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.corrections import ItemAbsorbed
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemAssigned, ItemReclassified, RegimeConfirmed, WaitStarted
from shared.facts.vocabulary import Category, Channel, ClockName, Nature, Priority
from shared.site.tables.bundle import AppliedSite

WITHOUT_CASE: Final = frozenset({ClockName.REGISTRATION, ClockName.IMPLIED_DECISION})
"""Of what is no item yet, and by a regime that a person confirmed."""
Kind = tuple[Category, Nature, Priority]
"""What a line of commitments.yaml looks at in a classification."""


@dataclass(frozen=True)
class ItemScope:
    """The clocks and notices of an item that two versions of the rules may count otherwise."""

    before: AppliedSite
    after: AppliedSite
    _known: dict[tuple[ClockName, Channel, Kind, ServiceId], bool] = field(default_factory=dict)

    @cached_property
    def whole(self) -> MovedRules:
        """The clocks and notices that may come out otherwise for any item at all."""
        return moved_rules(self.before, self.after)

    def of(self, facts: Sequence[Items]) -> MovedRules:
        """Returns the clocks and notices that may differ for the item with these facts."""
        if not self.whole.clocks or self.whole.clocks == EVERY:
            return self.whole
        clocks = set(self._without_case(facts))
        cases = list(_cases(facts, self._rules[0]))
        clocks |= {
            clock
            for clock in self.whole.clocks - WITHOUT_CASE
            if any(self._differs(clock, *case) for case in cases)
        }
        if ClockName.REPLY in clocks:
            clocks.add(ClockName.HOLDING)
        return MovedRules(frozenset(clocks), self.whole.notices)

    def _without_case(self, facts: Sequence[Items]) -> Iterator[ClockName]:
        if ClockName.REGISTRATION in self.whole.clocks:
            yield ClockName.REGISTRATION
        regime = any(isinstance(fact, RegimeConfirmed) for fact in facts)
        if regime and ClockName.IMPLIED_DECISION in self.whole.clocks:
            yield ClockName.IMPLIED_DECISION

    def _differs(
        self, clock: ClockName, channel: Channel, what: Classification, service: ServiceId
    ) -> bool:
        """Whether the versions promise another line or ladder in a case."""
        key = clock, channel, (what.category, what.nature, what.priority), service
        if key not in self._known:
            old, new = (_promised(clock, channel, what, service, rules) for rules in self._rules)
            self._known[key] = old != new
        return self._known[key]

    @cached_property
    def _rules(self) -> tuple[ClockRules, ClockRules]:
        return ClockRules(self.before), ClockRules(self.after)


def _promised(
    clock: ClockName,
    channel: Channel,
    what: Classification,
    service: ServiceId,
    rules: ClockRules,
) -> object:
    line = commitment_for(clock, channel, what, service, rules)
    return line and (line.model_copy(update={"source": None}), rules.steps(line))


def _cases(
    facts: Sequence[Items], rules: ClockRules
) -> Iterator[tuple[Channel, Classification, ServiceId]]:
    """Every case that an item may have had, taken back or not; rather too many than too few."""
    channels, services = set[Channel](), set[ServiceId]()
    kinds = list[Classification]()
    for fact in facts:
        match fact:
            case ItemRegistered():
                channels.add(fact.channel)
                kinds.append(fact.classification)
                services.add(rules.successor(fact.service))
            case ItemAbsorbed():
                channels.add(fact.channel)
            case ItemReclassified():
                kinds.append(fact.classification)
            case ItemAssigned() | WaitStarted():
                services.add(rules.successor(fact.service))
            case _:
                continue
    return iter(product(channels, kinds, services))
