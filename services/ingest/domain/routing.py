"""The site's routing table applied to what arrived: a proposal, with the rule that decided.

Rules are read in order; the first that matches decides what it names, later ones fill the rest. Any
hit of a held kind of sender holds. `explain` says of each rule why it did or did not match.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.ingest.domain.addresses import AddressList
from services.ingest.domain.conditions import Folded, MessageFeatures, Test, WordIndex, tests_of
from shared.content.phrases import Phrases
from shared.facts.arrivals import Routing
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Category, Confidentiality, Nature, Priority, SenderKind
from shared.site.tables.bundle import Site
from shared.site.tables.routing import UNRECOGNISED, Rule

HELD = frozenset(
    {
        SenderKind.LAWYER,
        SenderKind.COURT,
        SenderKind.ELECTED,
        SenderKind.MINISTRY,
        SenderKind.ADMINISTRATION,
        SenderKind.PRESS,
        SenderKind.DEFENSEUR,
    }
)
"""To whom a machine never speaks first (DOMAIN §7)."""


@dataclass(frozen=True, slots=True)
class Routed:
    """The proposed routing of an arrival; `set_aside`: a rule's reason to open no item for it."""

    routing: Routing
    set_aside: str | None


class RoutingRules:
    """The routing table of a site, normalised and indexed once."""

    def __init__(self, site: Site) -> None:
        table = site.routing
        self._site = site
        self._rules = tuple((rule, tuple(tests_of(rule.when))) for rule in table.rules)
        self._naming = tuple(
            (rule, tests)
            for rule, tests in self._rules
            if rule.when.from_addresses and rule.then.category and rule.then.set_aside is None
        )
        self._by_words = WordIndex([rule.when for rule in table.rules])
        self._listed = AddressList([pattern for row in table.senders for pattern in row.addresses])
        self._senders = tuple(
            (row.kind, AddressList(row.addresses), Phrases(row.words)) for row in table.senders
        )
        self._danger = Phrases(table.danger)
        self._own = AddressList([f"*@{domain}" for domain in site.identity.domains])

    def route(self, seen: MessageFeatures) -> Routed:
        """Returns what the routing table proposes for an arrival: service, category and so on."""
        folded = Folded(seen)
        asked = map(self._rules.__getitem__, self._by_words.places(folded.words))
        matching = [rule for rule, tests in asked if _all_hold(tests, folded)]
        kind, kind_hold = self._sender(folded)
        danger = self._danger.hit(folded.words_of_danger) is not None
        deciding, category = self._category(matching)
        service, from_rule = self._service(matching, deciding, category, seen)
        nature = _first([rule.then.nature for rule in matching])
        nature = nature or self._site.category[category].nature
        holds = [rule.then.hold for rule in matching]
        appeal = "appeal" if nature is Nature.APPEAL else None
        hold = _first([*seen.holds, *holds, kind_hold, appeal])
        agent = _first([rule.then.agent for rule in matching])
        priority = _first([rule.then.priority for rule in matching]) or Priority.NORMALE
        if danger and priority is Priority.NORMALE:
            priority = Priority.URGENTE
        routing = Routing(
            rule=deciding.id if deciding else matching[0].id if matching else UNRECOGNISED,
            category=category,
            service=service,
            agent=PersonId(agent) if agent else None,
            nature=nature,
            sender_kind=kind,
            priority=priority,
            confidentiality=_first([rule.then.confidentiality for rule in matching])
            or Confidentiality.NORMAL,
            certain=_certain(deciding, from_rule),
            danger=danger,
            hold=hold,
        )
        return Routed(routing, _first([rule.then.set_aside for rule in matching]))

    def names_sender(self, seen: MessageFeatures) -> bool:
        """Whether a routing rule accepts this sender by name, so that they are no robot."""
        folded = Folded(seen)
        return any(_all_hold(tests, folded) for _, tests in self._naming)

    def explain(self, seen: MessageFeatures) -> Mapping[str, str | None]:
        """Returns by rule the first part of its condition that failed, `None` where it matched."""
        folded = Folded(seen)
        return {
            rule.id: next((name for name, ok in tests if not ok(folded)), None)
            for rule, tests in self._rules
        }

    def _sender(self, folded: Folded) -> tuple[SenderKind, str | None]:
        address = folded.seen.sender_address
        listed = bool(address) and address in self._listed
        kinds = [
            kind
            for kind, addresses, words in self._senders
            if (listed and address in addresses) or words.hit(folded.edges)
        ]
        held = next((kind for kind in kinds if kind in HELD), None)
        if held is not None:
            return held, f"sender-{held.value}"
        if address and address in self._own:
            return SenderKind.INTERNAL, None
        return (kinds[0] if kinds else SenderKind.UNKNOWN), None

    def _category(self, matching: Sequence[Rule]) -> tuple[Rule | None, Category]:
        for rule in matching:
            if rule.then.category is not None:
                return rule, Category(rule.then.category)
        return None, Category(self._site.routing.fallback)

    def _service(
        self,
        matching: Sequence[Rule],
        deciding: Rule | None,
        category: Category,
        seen: MessageFeatures,
    ) -> tuple[ServiceId, Rule | None]:
        """Who answers: by a rule, else by the category, else home; and the rule that said so."""
        for rule in matching:
            if rule.then.service is not None:
                return ServiceId(rule.then.service), rule
        if deciding is None and seen.home is not None:
            return seen.home, None
        return ServiceId(self._site.category[category].service), deciding


def _all_hold(tests: Sequence[tuple[str, Test]], folded: Folded) -> bool:
    for _, holds in tests:  # noqa: SIM110  (no generator: fifty rules are asked of each mail)
        if not holds(folded):
            return False
    return True


def _certain(category_by: Rule | None, service_by: Rule | None) -> str | None:
    """The rule, when service and category both come from certain ones; the site has its author."""
    if category_by is None or service_by is None:
        return None
    if category_by.certain is None or service_by.certain is None:
        return None
    return category_by.id


_V = TypeVar("_V")


def _first(values: Iterable[_V | None]) -> _V | None:
    return next((value for value in values if value is not None), None)
