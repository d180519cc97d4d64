"""Which facts of an item stand: those that no `FactWithdrawn` took back (docs/clocks.md, rule 16).

A withdrawal may be known before its target, and takes back a *statement* alone: what happened in
the world (a receipt that left, a destruction) stays, whatever is said of it, and so does the
withdrawal itself, which nothing undoes.

Every reader of topic `items` asks here, so that they agree about what stands. The register's
database asks the same by `TAKEN_BACK` (services/desk/store/withdrawals.py), which a test compares.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeVar, get_args

from shared.facts.envelope import EventId, Weight
from shared.facts.items import Items
from shared.facts.items.base import ItemFact
from shared.facts.items.corrections import FactWithdrawn

F = TypeVar("F", bound=ItemFact)

STATEMENTS = frozenset(kind.__name__ for kind in get_args(Items) if kind.weight is Weight.STATEMENT)
"""The types of facts that can be taken back, by their names on the wire."""


def withdrawn(facts: Iterable[ItemFact]) -> AbstractSet[EventId]:
    """Returns the ids of the facts of one item that were withdrawn; the order does not matter."""
    known = list(facts)
    named = {fact.fact for fact in known if type(fact) is FactWithdrawn}
    if not named:
        return frozenset()
    return {
        fact.event_id
        for fact in known
        if fact.weight is Weight.STATEMENT and fact.event_id in named
    }


def standing(facts: Iterable[F]) -> Sequence[F]:
    """Returns the facts of one item that were not withdrawn, in the order given."""
    known = list(facts)
    gone = withdrawn(known)
    if not gone:
        return known
    return [fact for fact in known if fact.event_id not in gone]
