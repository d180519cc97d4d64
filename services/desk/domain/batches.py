"""Which letters of the queue may be decided together, and why another is left out. Pure.

One act decides several letters that are alike: of one sender, or recognised by one rule. What a
person must read on its own never goes along: words of danger, what is or was réservé, and what is
held for another reason than the others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.desk.domain.item import Item, ItemStatus
from shared.facts.items import Items
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.vocabulary import Confidentiality


class Exclusion(StrEnum):
    """The reason why a letter to qualify is left out when several are decided together."""

    SORTED = "sorted"
    """It waits no more to be qualified."""
    CHANGED = "changed"
    """Something was said of it since it was shown."""
    DANGER = "danger"
    RESERVED = "reserved"
    HELD = "held"
    """For another reason than the others, which may be held for none."""
    NOT_HELD = "not_held"
    """As the others are."""
    JOINED = "joined"
    """Other letters are joined to it, which have to be read with it."""
    ELSEWHERE = "elsewhere"
    """A colleague has it open."""


@dataclass(frozen=True, slots=True)
class Warnings:
    """The warnings read in a letter and its files: danger, and why an answer to it is held back."""

    danger: bool
    holds: frozenset[str]


def warnings_of(facts: Iterable[Items]) -> Warnings:
    """Returns what was warned of in any message of a letter, or in what was attached to one."""
    danger, holds = False, set[str]()
    for fact in facts:
        match fact:
            case SenderWroteAgain():
                danger = danger or fact.danger
            case ItemRegistered() | AttachmentsRead():
                danger = danger or fact.danger
                if fact.hold is not None:
                    holds.add(fact.hold)
            case _:
                pass
    return Warnings(danger, frozenset(holds))


def common_holds(letters: Sequence[Warnings]) -> frozenset[str]:
    """Returns the hold reasons that most of these letters have in common, the fewest in a tie.

    A hold is why an answer is held back. Letters with words of danger are not counted.
    """
    counted = Counter(letter.holds for letter in letters if not letter.danger)
    return min(counted, key=lambda holds: (-counted[holds], len(holds)), default=frozenset())


def exclusion(item: Item, warned: Warnings, common: frozenset[str]) -> Exclusion | None:
    """Returns why a letter is left out when several are decided together; `None`: it is not.

    `common`: the hold reasons that most of them have, which must be its own too. Who has it open is
    not asked here.
    """
    if item.state is not ItemStatus.TO_QUALIFY:
        return Exclusion.SORTED
    if warned.danger:
        return Exclusion.DANGER
    normal = item.classification.confidentiality is Confidentiality.NORMAL
    if not normal or item.was_reserved:
        return Exclusion.RESERVED
    if item.absorbed:
        return Exclusion.JOINED
    if warned.holds != common:
        return Exclusion.HELD if warned.holds else Exclusion.NOT_HELD
    return None
