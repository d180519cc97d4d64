"""Words looked for whole, whatever their case, accents and typography, as in routing.yaml."""

import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORD_OCTETS = (string.ascii_letters + string.digits).encode()
_ONLY_WORDS = bytes(octet if octet in _WORD_OCTETS else 0x20 for octet in range(256))
_READ = 200_000
"""Characters of a text in which phrases are looked for."""


def fold(text: str) -> str:
    """Normalises a text for comparison: ASCII words in lower case between single spaces.

    Accents go; punctuation and letters of other scripts separate words, since the tables are
    French. The result begins and ends with a space: without a word it is two spaces. Only the first
    200,000 letters are read.
    """
    plain = text[:_READ]
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_LIGATURES))
        plain = _ACCENTS.sub("", plain)
    octets = plain.encode("ascii", "replace").translate(_ONLY_WORDS)
    return f" {' '.join(octets.decode('ascii').lower().split())} "


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A normalised text with the set of its words, in which phrases are looked for quickly."""

    text: str
    words: frozenset[str]


def fold_texts(*texts: str) -> FoldedText:
    """Normalises texts to look for phrases in; no phrase reaches from one text into the next."""
    parts = [fold(text) for text in texts]
    return FoldedText("\n".join(parts), frozenset().union(*(part.split() for part in parts)))


class Phrases:
    """A list of phrases of the site to look for, normalised once."""

    def __init__(self, phrases: Sequence[str]) -> None:
        keys = ((phrase, fold(phrase)) for phrase in phrases)
        # A phrase in which nothing is left to look for would match everywhere.
        self._phrases = tuple(
            (phrase, key, frozenset(key.split())) for phrase, key in keys if key.strip()
        )

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def hit(self, where: FoldedText) -> str | None:
        """Returns the first phrase of the list that a text contains, as the site wrote it.

        `None` when it contains none.
        """
        for phrase, key, words in self._phrases:
            if words <= where.words and key in where.text:
                return phrase
        return None
