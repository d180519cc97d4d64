"""A routing rule that is only proposed, tried on letters that were sorted already. Pure.

It reads what a rule of routing.yaml reads by `words` (shared/content/phrases.py), and stands before
the rule that was wrong: what an earlier rule had proposed stays (docs/decisions/0113).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.content.phrases import Phrases, fold_texts
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Sorting:
    """The category and service of a letter, as proposed by a rule or decided by a person."""

    category: Category
    service: ServiceId


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A routing rule to try on past letters: its words, its proposal, the rules read before it."""

    words: Sequence[str]
    says: Sorting
    earlier: frozenset[str] = frozenset()
    """Ids of the rules before it, whose proposals it does not reach."""


@dataclass(frozen=True, slots=True)
class TriedLetter:
    """A past letter on which a rule is tried: what was proposed, by which rule, what decided."""

    chrono: Chrono
    rule: str
    proposed: Sorting
    decided: Sorting | None
    """`None`: nobody has sorted it yet."""


@dataclass(frozen=True, slots=True)
class TrialChange:
    """A past letter for which the tried routing rule would have proposed something else."""

    letter: TriedLetter
    word: str
    """The phrase that was found."""
    agrees: bool | None
    """Whether that is what was decided; `None`: nobody has decided."""


def try_rule(
    rule: TriedRule, letters: Iterable[tuple[TriedLetter, Sequence[str]]]
) -> Sequence[TrialChange]:
    """Returns the past letters whose proposal a routing rule would change, in the order given.

    With each letter come its texts: subject, own words, what was read of its files.
    """
    phrases, found = Phrases(tuple(rule.words)), list[TrialChange]()
    for letter, texts in letters:
        if letter.rule in rule.earlier or letter.proposed == rule.says:
            continue
        word = phrases.hit(fold_texts(*texts))
        if word is not None:
            agrees = None if letter.decided is None else letter.decided == rule.says
            found.append(TrialChange(letter, word, agrees))
    return found
