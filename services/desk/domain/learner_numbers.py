"""What the register learned from its clerks: the words of a letter weighed by published numbers.

Pure, and without numpy: whoever shows a letter weighs it. The numbers are a column of weights for
each answer and each *bucket*, into which words and pairs of words fall by their CRC-32; they hold
no word. The words that weighed most are taken from the letter itself
(docs/decisions/0128-the-learner-is-our-own-and-proposes-where-a-clerk-looks.md).
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, sqrt
from typing import Final, TypeAlias

from pydantic import TypeAdapter

from shared.content.phrases import fold

SHAPE: Final = 1
"""Of the features and the numbers: numbers of another shape are not read."""
BUCKETS: Final = 1 << 14
MOST_WORDS: Final = 400
"""Words of a text that are weighed, from its beginning."""
MOST_CHARACTERS: Final = 20_000
SHOWN_WORDS: Final = 5
LEAST_CORRECTIONS: Final = 300
"""Letters that people sorted otherwise than the rules proposed; below, nothing is learned."""
_WORD = re.compile(r"[^\W\d_]{2,30}")


class LearnerTarget(StrEnum):
    """A question on a letter that the learner answers: service, category, nature, sender kind."""

    SERVICE = "service"
    CATEGORY = "category"
    NATURE = "nature"
    SENDER_KIND = "sender_kind"


Grams: TypeAlias = Mapping[int, tuple[str, ...]]
"""Bucket → the word, or two, of the letter that fell into it, as the letter writes them."""


@dataclass(frozen=True, slots=True)
class LearnerFigures:
    """The counts of how often the learner was right on the newest letters, unseen in training."""

    letters: int
    shown: int
    """Of those, the letters about which they spoke."""
    right: int
    rules_right: int
    """Of the letters shown, those of which the rules' own proposal was right."""
    against: int
    """Of the letters shown, those of which the rules said something else."""
    right_against: int
    """Of these, the letters of which the numbers were right."""
    rules_right_against: int
    """Of these, the letters of which the rules were right."""
    promised: float
    """Sum of the probabilities that they gave: calibrated, it is near `right`."""

    @property
    def precision(self) -> float | None:
        """The share of the learner's proposals that people decided likewise; `None`: none made."""
        return self.right / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class TargetNumbers:
    """The learner's numbers for one question, without weights: labels, biases, how sure to be."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    temperature: float
    """By what scores are divided so that probabilities hold."""
    threshold: float | None
    """The probability below which it says nothing; `None`: it says nothing at all."""
    contradicts: bool
    """Whether it may say otherwise than the rules, or only where they say nothing."""
    figures: LearnerFigures


@dataclass(frozen=True, slots=True)
class LearnerNumbers:
    """The learner's model as stored one night, without weights, which are a row a hash bucket."""

    shape: int
    letters: int
    """Letters sorted by people that they were learned from."""
    corrections: int
    """Of those, the ones that people sorted otherwise than the rules proposed."""
    targets: Mapping[LearnerTarget, TargetNumbers]

    def columns(self) -> Mapping[LearnerTarget, slice]:
        """Returns for each question which slice of a hash bucket's row has its weights."""
        found, begin = dict[LearnerTarget, slice](), 0
        for target in LearnerTarget:
            if target in self.targets:
                end = begin + len(self.targets[target].labels)
                found[target] = slice(begin, end)
                begin = end
        return found


LEARNER_NUMBERS: TypeAdapter[LearnerNumbers] = TypeAdapter(LearnerNumbers)
"""Reads and writes the numbers as JSON."""


@dataclass(frozen=True, slots=True)
class LearnerAnswer:
    """The learner's answer to a question, with its probability and the words that weighed most."""

    value: str
    probability: float
    words: tuple[str, ...]


def grams(subject: str, text: str) -> Grams:
    """Returns the hash buckets of a letter's words and pairs of words, with the words themselves.

    Words of the subject count a second time as such. Digits are left out: they name a person.
    """
    said, about = _words(text), _words(subject)
    found = dict[int, tuple[str, ...]]()
    for mark, words in (("s ", about), ("", about), ("", said)):
        before: tuple[str, str] | None = None
        for plain, word in words:
            found.setdefault(_bucket(mark + plain), (word,))
            if before is not None:
                found.setdefault(_bucket(f"{mark}{before[0]} {plain}"), (before[1], word))
            before = (plain, word)
    return found


def answers(
    numbers: LearnerNumbers,
    weights: Mapping[int, Sequence[float]],
    letter: Grams,
    proposed: Mapping[LearnerTarget, str],
) -> Mapping[LearnerTarget, LearnerAnswer]:
    """Returns the learner's answer to each question about a letter of which it is sure enough.

    Args:
        numbers: as published.
        weights: bucket → a weight for each answer of each question, in the order of `columns`.
        letter: as `grams` returns it. Buckets without weights say nothing.
        proposed: what the rules say of it; where they say nothing, nothing.
    """
    known = {bucket: weights[bucket] for bucket in letter if bucket in weights}
    if numbers.shape != SHAPE or not known:
        return {}
    scale = 1 / sqrt(len(known))
    found = dict[LearnerTarget, LearnerAnswer]()
    for target, column in numbers.columns().items():
        of = numbers.targets[target]
        if of.threshold is None:
            continue
        rows = {bucket: row[column] for bucket, row in known.items()}
        sums = [sum(values) * scale for values in zip(*rows.values(), strict=True)]
        scores = [(one + more) / of.temperature for one, more in zip(sums, of.bias, strict=True)]
        best = max(range(len(scores)), key=scores.__getitem__)
        probability = 1 / sum(exp(score - scores[best]) for score in scores)
        rule = proposed.get(target, of.labels[best])
        if probability >= of.threshold and (of.contradicts or rule == of.labels[best]):
            words = _heaviest(letter, rows, best)
            found[target] = LearnerAnswer(of.labels[best], probability, words)
    return found


def _heaviest(letter: Grams, rows: Mapping[int, Sequence[float]], best: int) -> tuple[str, ...]:
    """The words that spoke most for one answer, beside what they say for any; a pair's are two."""
    weighed = dict[str, float]()
    for bucket, row in rows.items():
        words = letter[bucket]
        for word in words:
            more = (row[best] - sum(row) / len(row)) / len(words)
            weighed[word] = weighed.get(word, 0.0) + more
    spoke = [word for word, weight in weighed.items() if weight > 0]
    return tuple(sorted(spoke, key=lambda word: (-weighed[word], word))[:SHOWN_WORDS])


def _words(text: str) -> Sequence[tuple[str, str]]:
    """Each word folded, and as it stands there in lower case."""
    found = list[tuple[str, str]]()
    for match in _WORD.finditer(text[:MOST_CHARACTERS]):
        word = match.group().lower()
        plain = word if word.isascii() else fold(word).strip()
        if plain:
            found.append((plain, word))
        if len(found) == MOST_WORDS:
            break
    return found


def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode()) % BUCKETS
