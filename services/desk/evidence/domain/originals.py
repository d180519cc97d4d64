"""The five words for the octets of a document that facts name, and which decision let them go."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.facts.authors import by_person
from shared.facts.items import Items
from shared.facts.items.registration import ItemRegistered, SenderNoted
from shared.facts.items.retention import (
    DocumentWithdrawn,
    ItemDestroyed,
    ItemWithdrawn,
    WithdrawalAsked,
)


class Octets(StrEnum):
    """The state of a document's stored bytes: sound, altered, missing, withdrawn, locked."""

    SOUND = "conforme"
    ALTERED = "altéré"
    MISSING = "manquant sans décision"
    WITHDRAWN = "retiré"
    LOCKED = "chiffré, clé absente"


WRONG = frozenset({Octets.ALTERED, Octets.MISSING, Octets.LOCKED})
"""States that no decision explains: verification, page and proof say so."""


@dataclass(frozen=True, slots=True)
class OctetsDecision:
    """The fact by which a document was deleted, and the people who decided it."""

    fact: DocumentWithdrawn | ItemWithdrawn | ItemDestroyed
    by: tuple[str, ...]
    """Authors: who asked first, where two were needed, then who confirmed."""


def owner_of(key: str) -> UUID:
    """Returns the id that owns a blob: its arrival, or the decision that composed it."""
    return UUID(key.split("/")[1])


def deciding_fact(key: str, facts: Sequence[Items]) -> OctetsDecision | None:
    """Returns the decision by which a document of an item was deleted, or `None`."""
    owner = owner_of(key)
    opened = facts[0].arrival_id if isinstance(facts[0], ItemRegistered) else None
    noted = {fact.pli for fact in facts if isinstance(fact, SenderNoted)}
    for fact in reversed(facts):
        match fact:
            case ItemWithdrawn():
                return OctetsDecision(fact, (by_person(fact.second), fact.by))
            case ItemDestroyed():
                return OctetsDecision(fact, (fact.by,))
            case DocumentWithdrawn():
                gone = {fact.arrival_id, *fact.copies}
                if owner in gone or (opened in gone and key in noted):
                    asked = [
                        each.by
                        for each in facts
                        if isinstance(each, WithdrawalAsked) and each.event_id == fact.asked
                    ]
                    return OctetsDecision(fact, (*asked, fact.by))
            case _:
                continue
    return None
