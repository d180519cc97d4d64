"""Words looked for whole, whatever their case, accents and typography (shared/site/routing.py)."""

import re
import unicodedata
from collections.abc import Sequence

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_READ = 200_000
"""Characters of a text in which phrases are looked for."""


def fold(text: str) -> str:
    """Lower case without accents, words parted and surrounded by one space: « L’Été » → ` l ete `.

    Letters of other scripts are kept out: the tables are French.
    """
    plain = text[:_READ].translate(_LIGATURES)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return f" {_BETWEEN_WORDS.sub(' ', plain.lower()).strip()} "


class Phrases:
    """A list of phrases, folded once when the site is loaded."""

    def __init__(self, phrases: Sequence[str]) -> None:
        folded = ((phrase, fold(phrase)) for phrase in phrases)
        # A phrase in which nothing is left to look for would match everywhere.
        self._phrases = tuple((phrase, key) for phrase, key in folded if key.strip())

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def hit(self, folded: str) -> str | None:
        """The first phrase that stands in this folded text, as the site wrote it."""
        return next((phrase for phrase, key in self._phrases if key in folded), None)
