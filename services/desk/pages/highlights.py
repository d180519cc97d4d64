"""Words marked in a text from outside, whatever their case, accents and typography.

Of a page that OCR read they are marked on its picture as well, where its words have their places;
the phrases of a rule are found as the rule finds them (shared/content/phrases.py).
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from markupsafe import Markup, escape

from services.desk.domain.query import QueryPartKind, parts
from shared.content.phrases import fold
from shared.content.word_places import WordBox, WordPlaces, placed_words

MOST_READ: Final = 100_000
"""Characters of one text in which words are looked for."""
MOST_SEARCHED: Final = 100
"""Phrases of a search that are marked, their plurals among them: more words than anybody types."""
MOST_BOXES: Final = 40
"""Boxes of one page's picture: a page has forty lines, and forty such pages weigh 50 kB."""
SMALL_WORDS: Final = re.compile(
    "aux?|avec|ces?|dans|d[eu]|des|elle|en|et|eux|il|je|l[ae]|les|leur|lui|ma|mais|me|même|mes"
    "|moi|mon|ne|nos|notre|nous|on|ou|par|pas|pour|qu[ei]?|s[ae]|ses|son|sur|t[aeu]|tes|toi|ton"
    "|une?|vos|votre|vous"
)
"""Words that stand on each page and that the search leaves out (`french.stop` of PostgreSQL)."""
_WORD = re.compile(r"\S+")
_AROUND: Final = 0.002
"""Share of the page's sides left free around what is marked."""
_ONE_LINE: Final = 0.5
"""The share of the lower word's height that two words of one line have in common."""
_BESIDE: Final = 0.02
"""Share of the page's width within which what is marked is one box: two blanks of a letter."""
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}


class Highlights:
    """The phrases to mark in texts, none of them or many; `mark` makes safe HTML of any text."""

    def __init__(self, phrases: Iterable[str] = ()) -> None:
        keys = {tuple(fold(phrase).split()) for phrase in phrases} - {()}
        found = sorted(keys, key=lambda words: (-len(words), words))
        # Once around all of them: said in each, the looks aside keep a branch from being skipped
        # by its first letter, and each letter of a text costs as much as there are phrases.
        any_of = "|".join("[^a-z0-9]+".join(words) for words in found)
        self._pattern = re.compile(rf"(?<![a-z0-9])(?:{any_of})(?![a-z0-9])")
        self.any = bool(found)
        self._last = ("", tuple[tuple[int, int], ...]())  # a page's text is asked for thrice

    def mark(self, text: str) -> Markup:
        """Returns a text as safe HTML, each place of a phrase in `<mark>`."""
        done, last = list[Markup](), 0
        for begin, end in self._places(text):
            done += [escape(text[last:begin]), Markup("<mark>"), escape(text[begin:end])]
            done.append(Markup("</mark>"))
            last = end
        return Markup().join([*done, escape(text[last:])])

    def places(self, text: str) -> int:
        """Counts the places of a text that `mark` marks."""
        return len(self._places(text))

    def outline(self, text: str, places: WordPlaces) -> str:
        """Returns an SVG path around each place of a phrase on a scanned page; `""` without one.

        `text`: what OCR read on the page; `places`: where its words stand. The page is one unit
        wide and high, as it was scanned. A word of which a phrase is a part is marked whole.
        """
        return "".join(
            f"M{_number(left - _AROUND)} {_number(top - _AROUND)}"
            f"H{_number(right + _AROUND)}V{_number(bottom + _AROUND)}H{_number(left - _AROUND)}z"
            for left, top, right, bottom in self._boxes(text, places)
        )

    def _boxes(self, text: str, places: WordPlaces) -> Sequence[WordBox]:
        """The words of one line in one box; at most forty boxes."""
        hits = self._places(text)
        words = placed_words(text, places) if hits else ()
        ends = [word.end() for word in _WORD.finditer(text)] if words else []
        found = list[WordBox]()
        for begin, end in hits if words else ():
            first, last = bisect_right(ends, begin), bisect_left(ends, end)
            for number, word in enumerate(words[first : last + 1]):
                line = found[-1] if found else word.box
                if found and _on_one_line(line, word.box) and (number or _beside(line, word.box)):
                    found[-1] = _around(line, word.box)
                else:
                    found.append(word.box)
            if len(found) >= MOST_BOXES:
                break
        return found[:MOST_BOXES]

    def _places(self, text: str) -> Sequence[tuple[int, int]]:
        if not self.any:
            return ()
        if self._last[0] != text:
            flat, at = _flat(text[:MOST_READ])
            found = self._pattern.finditer(flat)
            self._last = text, tuple((at[hit.start()], at[hit.end() - 1] + 1) for hit in found)
        return self._last[1]


def searched_words(text: str) -> Highlights:
    """Makes the highlights of what somebody typed into the search, plurals too, exclusions not.

    « de » and the like are marked within a phrase alone.
    """
    kept = [
        part.forms
        for part in parts(text)
        if part.kind is QueryPartKind.PHRASE
        or (part.kind is QueryPartKind.WORD and not SMALL_WORDS.fullmatch(part.forms[0].lower()))
    ]
    return Highlights(islice((form for forms in kept for form in forms), MOST_SEARCHED))


def _on_one_line(one: WordBox, other: WordBox) -> bool:
    common = min(one[3], other[3]) - max(one[1], other[1])
    return common > _ONE_LINE * min(one[3] - one[1], other[3] - other[1])


def _beside(one: WordBox, other: WordBox) -> bool:
    return -_BESIDE < other[0] - one[2] < _BESIDE


def _around(one: WordBox, other: WordBox) -> WordBox:
    left, top, right, bottom = one
    return min(left, other[0]), min(top, other[1]), max(right, other[2]), max(bottom, other[3])


def _number(share: float) -> str:
    """A place on a page, to the tenth of a millimetre: « .2137 »."""
    return f"{min(1.0, max(0.0, share)):.4f}".lstrip("0")


def _flat(text: str) -> tuple[str, Sequence[int]]:
    """A text in plain small letters, and for each letter its place in the text."""
    if text.isascii():
        return text.lower(), range(len(text))
    letters, at = list[str](), list[int]()
    for place, char in enumerate(text):
        for letter in _plain(char):
            letters.append(letter)
            at.append(place)
    return "".join(letters), at


@lru_cache(4096)
def _plain(char: str) -> str:
    small = char.lower()
    plain = unicodedata.normalize("NFKD", _LIGATURES.get(small, small))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
