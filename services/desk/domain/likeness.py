"""Whether two letters are one that came twice: by mail and on paper, or again with a changed line.

A sketch of a letter is what is left of its words once each three of them in a row were hashed: the
smallest of 48 hashes, each by a function of its own (MinHash). As many of two letters' are equal as
the letters have words in a row in common. Bands of a sketch are kept where an index finds them:
only letters of the same weeks that have one in common are compared. What two letters have in
common is then counted in sentences, for a person to judge.
"""

import hashlib
import re
import struct
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from html import unescape
from itertools import pairwise
from typing import Final, TypeAlias

import nh3

from shared.content.phrases import fold
from shared.content.plis import Pli
from shared.content.shallow_html import brief

Sketch: TypeAlias = bytes
"""48 numbers of four octets each."""
FEWEST: Final = 30
"""Words of a letter below which nothing is alike: « Bonjour, merci de me rappeler »."""
LEAST_ALIKE: Final = 0.3
"""Of two sketches: below, the letters are not compared."""
LEAST_SHARED: Final = 0.7
"""Of the sentences of the shorter letter: below, it is another letter."""
_NUMBERS: Final = 48
_ROWS: Final = 3
_PERIOD: Final = 30
"""Days of one period; letters of periods up to two apart are looked for."""
_AROUND: Final = 2
_WORDS: Final = 2_000
"""Of a letter, the first: enclosures follow it."""
_IN_A_ROW: Final = 3
_PACKED = struct.Struct(f"<{_NUMBERS}I")
_SALTS: Final = (b"1", b"2", b"3")
"""Each gives sixteen of the numbers."""
_BREAK = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")
_SENTENCE: Final = 5
"""Words of the shortest sentence that counts; an address or a greeting has fewer."""
_FEWEST_SENTENCES: Final = 2
_MOST_SENTENCES: Final = 400
_LETTER: Final = 40_000
"""Characters of a letter that are read."""
_SAME: Final = 0.6
"""Pairs of words of a sentence that stand in the other letter too: OCR errs."""
_POLITE = re.compile(
    r"\b(?:salutations|agreer|consideration|cordialement|respectueux|meilleurs sentiments)\b"
)
"""What nearly every letter has says nothing of two of them."""
_LONGEST: Final = 160
_MOST_SAID: Final = 2


@dataclass(frozen=True, slots=True)
class SharedSentences:
    """The share of the shorter of two letters' sentences that stand in the other one too."""

    share: float
    """Of its sentences, 0 to 1."""
    differing: tuple[str, ...] = ()
    """The first sentences of the first letter that are not in the other one, at most two."""


def text_of(pli: Pli) -> str:
    """Returns what a letter says: its own text, and what was read in its files."""
    text = pli.text
    if not text and pli.html:
        text = unescape(nh3.clean(brief(pli.html), tags=set()))
    return "\n\n".join((text, *(file.text for file in pli.attachments)))


def names_of(pli: Pli) -> tuple[str, ...]:
    """Returns the names and addresses by which a letter tells who sent it, maybe none."""
    people = (pli.on_behalf, pli.answer_to, pli.sender)
    said = (part for who in people if who is not None for part in (who.name, who.address))
    return tuple(dict.fromkeys(part for part in said if part))


def sketch_of(text: str) -> Sketch | None:
    """Returns the sketch of a letter's text; `None`: it is too short to be like another."""
    rows, count = set[str](), 0
    for _, words in _sentences(text):
        count += len(words)
        rows |= {" ".join(words[at : at + _IN_A_ROW]) for at in range(len(words) - _IN_A_ROW + 1)}
        if count >= _WORDS:
            break
    if count < FEWEST:
        return None
    hashes = zip(*(_hashes(row.encode()) for row in rows), strict=True)
    return _PACKED.pack(*map(min, hashes))


def _hashes(row: bytes) -> tuple[int, ...]:
    return _PACKED.unpack(b"".join(hashlib.blake2b(row, salt=salt).digest() for salt in _SALTS))


def bands_of(sketch: Sketch, day: date) -> list[int]:
    """Returns the keys under which the letter of a day is found: signed numbers of 64 bits."""
    return _bands(sketch, _period(day))


def bands_around(sketch: Sketch, day: date) -> list[int]:
    """Returns the keys of what is like a letter of a day, up to two months before or after it."""
    period = _period(day)
    return [
        key
        for near in range(period - _AROUND, period + _AROUND + 1)
        for key in _bands(sketch, near)
    ]


def _period(day: date) -> int:
    return day.toordinal() // _PERIOD


def _bands(sketch: Sketch, period: int) -> list[int]:
    size = _ROWS * 4
    keys = list[int]()
    for number, at in enumerate(range(0, len(sketch), size)):
        mark = struct.pack("<iB", period, number) + sketch[at : at + size]
        digest = hashlib.blake2b(mark, digest_size=8).digest()
        keys.append(int.from_bytes(digest, "little", signed=True))
    return keys


def likeness(one: Sketch, other: Sketch) -> float:
    """Returns which share (0 to 1) of their words in a row two letters have in common, about."""
    pairs = zip(_PACKED.unpack(one), _PACKED.unpack(other), strict=True)
    equal = [mine == theirs for mine, theirs in pairs]
    return equal.count(True) / _NUMBERS


def shared_sentences(text: str, other: str) -> SharedSentences:
    """Counts which sentences of the shorter of two letters stand in the other one as well.

    Formulas of politeness and lines of a few words do not count.
    """
    mine, theirs = _sentences(text), _sentences(other)
    in_mine, in_theirs = _pairs_of(mine), _pairs_of(theirs)
    missing = [said for said, words in mine if not _stands_in(words, in_theirs)]
    if len(mine) <= len(theirs):
        count, lacking = len(mine), len(missing)
    else:
        count = len(theirs)
        lacking = sum(not _stands_in(words, in_mine) for _, words in theirs)
    if count < _FEWEST_SENTENCES:
        return SharedSentences(0.0)
    said = tuple(sentence[:_LONGEST] for sentence in missing[:_MOST_SAID])
    return SharedSentences(1 - lacking / count, said)


def _sentences(text: str) -> list[tuple[str, list[str]]]:
    """The sentences of a letter that say something of it, as written and as plain words."""
    found = list[tuple[str, list[str]]]()
    for part in _BREAK.split(text[:_LETTER]):
        words = fold(part).split()
        if _is_address(part):
            continue
        if len(words) >= _SENTENCE and _POLITE.search(" ".join(words)) is None:
            found.append((" ".join(part.split()), words))
    return found[:_MOST_SENTENCES]


def _is_address(part: str) -> bool:
    """Whether it is short lines below each other, of which none ends a sentence."""
    lines = part.strip().splitlines()
    return len(lines) > 1 and all(
        len(line.split()) <= _SENTENCE and not line.rstrip().endswith((".", "!", "?"))
        for line in lines
    )


def _pairs(words: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(words))


def _pairs_of(sentences: Sequence[tuple[str, Sequence[str]]]) -> set[tuple[str, str]]:
    return set[tuple[str, str]]().union(*(_pairs(words) for _, words in sentences))


def _stands_in(words: Sequence[str], other: AbstractSet[tuple[str, str]]) -> bool:
    pairs = _pairs(words)
    return len(pairs & other) >= _SAME * len(pairs)


def one_person(names: Sequence[str], others: Sequence[str], text: str, other_text: str) -> bool:
    """Whether nothing says that two letters are of two persons.

    `names`: what each letter calls its sender, names and addresses; `text`: what each says. A
    person of one is the other's where their whole name stands there, or the same address does. A
    letter that names nobody says nothing.
    """
    mine, theirs = [_name(name) for name in names], [_name(name) for name in others]
    mine, theirs = [name for name in mine if name], [name for name in theirs if name]
    if not mine or not theirs:
        here, there = fold(text), fold(other_text)
        known = [(name, there) for name in mine] + [(name, here) for name in theirs]
        return not known or any(_all_in(name, where) for name, where in known)
    here = f"{fold(text)} {' '.join(names and [fold(name) for name in names])} "
    there = f"{fold(other_text)} {' '.join(fold(name) for name in others)} "
    return any(_all_in(name, there) for name in mine) or any(_all_in(name, here) for name in theirs)


def _name(said: str) -> tuple[str, ...]:
    """The words of a name or an address that tell people apart."""
    if "@" in said:
        return (fold(said).strip(),)
    return tuple(word for word in fold(said).split() if len(word) > 2 and word not in _TITLES)  # noqa: PLR2004  (« de », « M. »)


_TITLES: Final = frozenset({"mme", "mlle", "monsieur", "madame", "mademoiselle", "maitre", "les"})


def _all_in(name: Sequence[str], text: str) -> bool:
    return all(f" {word} " in text for word in name)
