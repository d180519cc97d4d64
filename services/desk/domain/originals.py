"""The four words for the octets of a document that facts name, and which decision let them go."""

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
    """What was found of a document."""

    SOUND = "conforme"
    ALTERED = "altéré"
    MISSING = "manquant sans décision"
    WITHDRAWN = "retiré"


WRONG = frozenset({Octets.ALTERED, Octets.MISSING})
"""What no decision explains: verification, page and proof say so."""


@dataclass(frozen=True, slots=True)
class Decided:
    """By which fact a content went, and who stands for it."""

    fact: DocumentWithdrawn | ItemWithdrawn | ItemDestroyed
    by: tuple[str, ...]
    """Authors: who asked first, where two were needed, then who confirmed."""


def owner_of(key: str) -> UUID:
    """Whose folder a blob lies in: its arrival, or the decision that composed it."""
    return UUID(key.split("/")[1])


def decided(key: str, facts: Sequence[Items]) -> Decided | None:
    """The decision by which a document of this item went; `None`: there is none."""
    owner = owner_of(key)
    opened = facts[0].arrival_id if isinstance(facts[0], ItemRegistered) else None
    noted = {one.pli for one in facts if isinstance(one, SenderNoted)}
    for one in reversed(facts):
        match one:
            case ItemWithdrawn():
                return Decided(one, (by_person(one.second), one.by))
            case ItemDestroyed():
                return Decided(one, (one.by,))
            case DocumentWithdrawn():
                gone = {one.arrival_id, *one.copies}
                if owner in gone or (opened in gone and key in noted):
                    asked = [
                        each.by
                        for each in facts
                        if isinstance(each, WithdrawalAsked) and each.event_id == one.asked
                    ]
                    return Decided(one, (*asked, one.by))
            case _:
                continue
    return None
