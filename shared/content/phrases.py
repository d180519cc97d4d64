"""Words looked for whole, whatever their case, accents and typography, as in routing.yaml."""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"}
_LONGER = {**_LIGATURES, "¼": "1 4", "½": "1 2", "¾": "3 4", "™": "tm"}
"""Letters of windows-1252 that are several once they are normalised, blanks apart."""
_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORD_OCTETS = (string.ascii_letters + string.digits).encode()
_ONLY_WORDS = bytes(octet if octet in _WORD_OCTETS else 0x20 for octet in bytes(range(256)).lower())
_READ = 200_000
"""Characters of a text in which phrases are looked for."""


def fold(text: str) -> str:
    """Normalises a text for comparison: ASCII words in lower case between single spaces.

    Accents go; punctuation and letters of other scripts separate words, since the tables are
    French. The result begins and ends with a space: without a word it is two spaces. Only the first
    200,000 letters are read.
    """
    plain = text[:_READ]
    try:
        octets = _spelt_out(plain, _LONGER).encode("cp1252").translate(_FRENCH)
    except UnicodeEncodeError:
        octets = _plain(plain).translate(_ONLY_WORDS)
    return f" {' '.join(octets.decode('ascii').split())} "


def _spelt_out(text: str, letters: Mapping[str, str]) -> str:
    if not text.isascii():
        for letter, several in letters.items():
            text = text.replace(letter, several)
    return text


def _plain(text: str) -> bytes:
    """A text of any script in ASCII, letter by letter: five times slower than French alone."""
    normal = unicodedata.normalize("NFKD", _spelt_out(text, _LIGATURES))
    return _ACCENTS.sub("", normal).encode("ascii", "replace")


def _octet_of(octet: int) -> int:
    try:
        letter = bytes([octet]).decode("cp1252")
    except UnicodeDecodeError:
        return 0x20
    plain = _plain(letter).translate(_ONLY_WORDS)
    return plain[0] if len(plain) == 1 else 0x20


_FRENCH = bytes(_octet_of(octet) for octet in range(256))
"""What each octet of windows-1252 is once it is normalised; of `_LONGER` there is none left."""


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A normalised text with the set of its words, in which phrases are looked for quickly."""

    text: str
    words: frozenset[str]


def fold_texts(*texts: str) -> FoldedText:
    """Normalises texts to look for phrases in; no phrase reaches from one text into the next."""
    return join_folded([fold(text) for text in texts])


def join_folded(parts: Sequence[str]) -> FoldedText:
    """Returns normalised texts (`fold`) to look for phrases in; none reaches into the next."""
    return FoldedText("\n".join(parts), frozenset().union(*(part.split() for part in parts)))


class Phrases:
    """A list of phrases of the site to look for, normalised once."""

    def __init__(self, phrases: Sequence[str]) -> None:
        keys = ((phrase, fold(phrase)) for phrase in phrases)
        # A phrase in which nothing is left to look for would match everywhere.
        self._phrases = tuple((phrase, key) for phrase, key in keys if key.strip())
        self._by_word: dict[str, list[int]] = {}
        """Places in the list of the phrases whose longest word, probably their rarest, it is."""
        for place, (_, key) in enumerate(self._phrases):
            self._by_word.setdefault(max(key.split(), key=len), []).append(place)
        self.words = frozenset(self._by_word)
        """Words of which a text must hold one to contain any of the phrases."""

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def hit(self, where: FoldedText) -> str | None:
        """Returns the first phrase of the list that a text contains, as the site wrote it.

        `None` when it contains none.
        """
        if self.words.isdisjoint(where.words):
            return None
        words = self.words & where.words
        for place in sorted(place for word in words for place in self._by_word[word]):
            phrase, key = self._phrases[place]
            if key in where.text:
                return phrase
        return None
