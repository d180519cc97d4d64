"""Words marked in a text from outside, whatever their case, accents and typography.

Of a scan no positions are kept, so that they are marked in the text that was recognised, which
stands below its page; the phrases of a rule are found as the rule finds them
(shared/content/phrases.py).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final

from markupsafe import Markup, escape

from services.desk.domain.query import QueryPartKind, parts
from shared.content.phrases import fold

MOST_READ: Final = 100_000
"""Characters of one text in which words are looked for."""
MOST_SEARCHED: Final = 100
"""Phrases of a search that are marked, their plurals among them: more words than anybody types."""
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

    def _places(self, text: str) -> Sequence[tuple[int, int]]:
        if not self.any:
            return ()
        flat, at = _flat(text[:MOST_READ])
        return [
            (at[found.start()], at[found.end() - 1] + 1) for found in self._pattern.finditer(flat)
        ]


def searched_words(text: str) -> Highlights:
    """Makes the highlights of what somebody typed into the search, plurals too, exclusions not."""
    kept = [part.forms for part in parts(text) if part.kind is not QueryPartKind.NOT]
    return Highlights(islice((form for forms in kept for form in forms), MOST_SEARCHED))


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
