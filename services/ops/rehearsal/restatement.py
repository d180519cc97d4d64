"""Facts as the register would have stated them under other tables: pure.

Only what a table decided is stated anew: the category, the service and the hold that a rule of
routing.yaml proposed, and what follows from the line of a category (perimeter, nature). What a
person decided stays as it was said; and where both tables say the same, so does the fact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from services.desk.domain.registration import Registration, reading
from shared.facts.arrivals import Routing
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemReclassified
from shared.site.tables.bundle import Site

Classified = TypeVar("Classified", ItemRegistered, ItemReclassified)
Rerouting = Callable[[ItemRegistered, Routing], Routing]
"""What the other routing rules propose of the message that opened an item; `Routing`: before."""


@dataclass(frozen=True, slots=True)
class ProposedRouting:
    """The routing that a table proposes for an arrival, and the reason for no automatic answer."""

    routing: Routing
    automatic: str | None


@dataclass(frozen=True)
class Restatement:
    """Two versions of the tables, by which facts are rewritten as the other would state them."""

    before: Site
    after: Site
    reroute: Rerouting | None = None
    """`None`: the routing rules are the same, or no content is at hand."""

    @cached_property
    def nothing(self) -> bool:
        """Whether both versions' tables state every fact alike, so that none is rewritten."""
        same = self.before.routing == self.after.routing
        return same and self._named(self.before) == self._named(self.after)

    def __call__(self, facts: Sequence[Items]) -> Sequence[Items]:
        """Returns the facts as the other tables would have had them stated.

        The same sequence where they would have stated all of them alike.
        """
        if self.nothing:
            return facts
        stated = [self._stated(fact) for fact in facts]
        same = all(fact is other for fact, other in zip(facts, stated, strict=True))
        return facts if same else stated

    def _stated(self, fact: Items) -> Items:
        match fact:
            case ItemRegistered():
                return self._registered(fact)
            case ItemReclassified():
                return self._with(fact, self._classified(fact.classification))
            case _:
                return fact

    def _registered(self, fact: ItemRegistered) -> ItemRegistered:
        proposed = fact.proposal
        if proposed is None:
            return self._with(fact, self._classified(fact.classification))
        other = proposed if self.reroute is None else self.reroute(fact, proposed)
        old = self._reading(fact, proposed, self.before)
        new = self._reading(fact, other, self.after)
        moved = {
            name: getattr(new.classification, name)
            for name in Classification.model_fields
            if getattr(old.classification, name) != getattr(new.classification, name)
        }
        update: dict[str, object] = {
            name: getattr(new, name)
            for name in ("service", "agent", "informed", "hold", "qualified")
            if getattr(old, name) != getattr(new, name)
        }
        if moved:
            update["classification"] = fact.classification.model_copy(update=moved)
        if other.danger != proposed.danger:
            update["danger"] = other.danger
        if other != proposed:
            update["proposal"] = other
        return fact.model_copy(update=update) if update else fact

    def _reading(self, fact: ItemRegistered, routing: Routing, site: Site) -> Registration:
        doubtful = fact.proposal is not None and fact.proposal.certain is not None
        doubtful = doubtful and not fact.qualified
        return reading(ProposedRouting(routing, fact.automatic), site, doubtful=doubtful)

    def _classified(self, what: Classification) -> Classification:
        """The same category by the other table's line, where a person had not said otherwise."""
        old, new = (site.category_now(what.category) for site in (self.before, self.after))
        if old is None or new is None or what.perimeter != old.perimeter:
            return what
        if (old.perimeter, old.reason) == (new.perimeter, new.reason):
            return what
        return what.model_copy(update={"perimeter": new.perimeter, "reason": new.reason})

    @staticmethod
    def _with(fact: Classified, what: Classification) -> Classified:
        if what is fact.classification:
            return fact
        return fact.model_copy(update={"classification": what})

    @staticmethod
    def _named(site: Site) -> tuple[object, ...]:
        """What `reading` takes from the site beside its routing table."""
        services = tuple(service.id for service in site.services.services)
        return site.identity.quality_officer, site.identity.legal_office, services
