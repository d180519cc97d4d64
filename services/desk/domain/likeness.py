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
from shared.content.plis import Correspondent, Pli
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
_HASHES: Final = tuple(hashlib.blake2b(salt=salt) for salt in (b"1", b"2", b"3"))
"""Each gives sixteen of the numbers; a copy of one takes half the time of a new one."""
_EACH: Final = _NUMBERS // len(_HASHES)
_REMEMBERED: Final = 1_000
_known: dict[bytes, tuple[int, Sketch]] = {}
"""Sketches of the last parts of letters, by their hashes: of no word can be read what it was.

A letter is read again once its files are, an answer quotes it, and many end alike.
"""
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
    of_first: float = 0.0
    """The share of the first letter's sentences that stand in the other one, 0 to 1."""
    only_first: int = 0
    """Sentences of the first letter that are not in the other one, those of `differing` too."""
    only_other: int = 0
    """Sentences of the other letter that are not in the first one."""


def text_of(pli: Pli) -> str:
    """Returns what a letter says: its own text, and what was read in its files."""
    text = pli.text
    if not text and pli.html:
        text = unescape(nh3.clean(brief(pli.html), tags=set()))
    return "\n\n".join((text, *(file.text for file in pli.attachments)))


def names_of(pli: Pli) -> tuple[str, ...]:
    """Returns the name and the address of the person for whom a letter speaks, maybe none.

    Of a third party's letter, that person's; else where its answer goes. The sender's name counts
    besides only at that address: a platform that sends for many is none of them.
    """
    behalf = pli.on_behalf
    if behalf is not None and (behalf.name or behalf.address):
        people: tuple[Correspondent, ...] = (behalf,)
    elif pli.answer_to.address in {"", pli.sender.address}:
        people = (pli.answer_to, pli.sender)
    else:
        people = (pli.answer_to,)
    said = (part for who in people for part in (who.name, who.address))
    return tuple(dict.fromkeys(part for part in said if part))


def sketch_of(text: str) -> Sketch | None:
    """Returns the sketch of a letter's text; `None`: it is too short to be like another."""
    sketches, count = list[Sketch](), 0
    for part in _BREAK.split(text[:_LETTER]):
        words, sketch = _sketch_of_part(part)
        if words:
            count += words
            sketches.append(sketch)
        if count >= _WORDS:
            break
    if count < FEWEST:
        return None
    return _PACKED.pack(*map(min, zip(*map(_PACKED.unpack, sketches), strict=True)))


def _sketch_of_part(part: str) -> tuple[int, Sketch]:
    """The words that count of a part of a letter, and its sketch; 0 of what says nothing."""
    name = hashlib.blake2b(part.encode("utf-8", "replace"), digest_size=16).digest()
    if (known := _known.get(name)) is None:
        said = _sentence(part)
        known = (0, b"") if said is None else (len(said[1]), _sketch_of_words(said[1]))
        if len(_known) >= _REMEMBERED:
            del _known[next(iter(_known))]
        _known[name] = known
    return known


def _sketch_of_words(words: Sequence[str]) -> Sketch:
    """The smallest of each of the numbers that the hashes give of three words in a row."""
    rows = {" ".join(words[at : at + _IN_A_ROW]) for at in range(len(words) - _IN_A_ROW + 1)}
    least = list[int]()
    for empty in _HASHES:
        digests = list[bytes]()
        for row in rows:
            hashed = empty.copy()
            hashed.update(row.encode())
            digests.append(hashed.digest())
        numbers = struct.unpack(f"<{_EACH * len(rows)}I", b"".join(digests))
        least += (min(numbers[at::_EACH]) for at in range(_EACH))
    return _PACKED.pack(*least)


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
    beyond = sum(not _stands_in(words, in_mine) for _, words in theirs)
    count, lacking = min((len(mine), len(missing)), (len(theirs), beyond), key=lambda side: side[0])
    if count < _FEWEST_SENTENCES:
        return SharedSentences(0.0)
    said = tuple(sentence[:_LONGEST] for sentence in missing[:_MOST_SAID])
    of_first = 1 - len(missing) / len(mine)
    return SharedSentences(1 - lacking / count, said, of_first, len(missing), beyond)


def _sentences(text: str) -> list[tuple[str, list[str]]]:
    """The sentences of a letter that say something of it, as written and as plain words."""
    parts = (_sentence(part) for part in _BREAK.split(text[:_LETTER]))
    return [said for said in parts if said is not None][:_MOST_SENTENCES]


def _sentence(part: str) -> tuple[str, list[str]] | None:
    if _is_address(part):
        return None
    words = fold(part).split()
    if len(words) < _SENTENCE or _POLITE.search(" ".join(words)) is not None:
        return None
    return " ".join(part.split()), words


def _is_address(part: str) -> bool:
    """Whether it is short lines below each other, of which none ends a sentence."""
    lines = part.strip().splitlines()
    return len(lines) > 1 and all(
        len(line.split()) <= _SENTENCE and not line.rstrip().endswith((".", "!", "?"))
        for line in lines
    )


def _pairs_of(sentences: Sequence[tuple[str, Sequence[str]]]) -> set[tuple[str, str]]:
    return set[tuple[str, str]]().union(*(pairwise(words) for _, words in sentences))


def _stands_in(words: Sequence[str], other: AbstractSet[tuple[str, str]]) -> bool:
    pairs = set(pairwise(words))
    return len(pairs & other) >= _SAME * len(pairs)


def one_person(names: Sequence[str], others: Sequence[str], text: str, other_text: str) -> bool:
    """Whether nothing says that two letters are of two persons.

    `names`: what each letter calls its sender, names and addresses; `text`: what each says. The
    same address, or the same name of two words, is one person. Where one letter has no address,
    whose sender's whole name or address stands in the other's text is the other's too. Two letters
    that name nobody say nothing.
    """
    mine, theirs = _named(names), _named(others)
    if not mine and not theirs:
        return True
    if _addresses(mine) & _addresses(theirs) or _whole(mine) & _whole(theirs):
        return True
    if _addresses(mine) and _addresses(theirs):
        return False
    return _stands(mine, fold(other_text)) or _stands(theirs, fold(text))


_TITLES: Final = frozenset({"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"})
_NAME: Final = 2
"""Words of the shortest name that tells people apart, and letters of such a word."""


def _named(names: Sequence[str]) -> list[str]:
    """The names without titles and the addresses, folded; empty ones are left out."""
    return [bare for name in names if (bare := _bare(name)).strip(" @")]


def _bare(name: str) -> str:
    if "@" in name:
        return f"@{fold(name).strip()}"
    words = fold(name).split()
    while words and words[0] in _TITLES:
        words.pop(0)
    return " ".join(words)


def _addresses(named: Sequence[str]) -> set[str]:
    return {name for name in named if name.startswith("@")}


def _whole(named: Sequence[str]) -> set[tuple[str, ...]]:
    """The words of each name that tells people apart, in one order: « RUIZ Ana », « Ana Ruiz »."""
    return {tuple(sorted(name.split())) for name in named if _tells_apart(name)}


def _tells_apart(name: str) -> bool:
    words = [word for word in name.split() if len(word) >= _NAME]
    return not name.startswith("@") and len(words) >= _NAME


def _stands(named: Sequence[str], text: str) -> bool:
    """Whether an address, or a whole name with its words together, stands in a folded text."""
    for name in named:
        if name.startswith("@"):
            turns = [name[1:]]
        else:
            words = name.split() if _tells_apart(name) else []
            turns = [" ".join((*words[at:], *words[:at])) for at in range(len(words))]
        if any(f" {turn} " in text for turn in turns):
            return True
    return False
