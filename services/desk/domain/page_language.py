"""In which language a text seems to be written, other than French.

By the small words that no text does without, or by letters that French does not have. Of a scan
only what was read well enough to have such words is recognised: of Arabic or Cyrillic letters,
which the OCR does not know, the confidence tells.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST: Final = 20
"""Words of a page from which its language can be told."""
_SHARE, _CLEAR = 0.15, 2.0
"""Of a page's words, how many are such a language's; times as many as are French."""
_MOST: Final = 400
"""Words of a page that are counted."""
_READ: Final = 8_000
"""Signs of a text that are looked at: more than so many words of any language have."""


def _small(words: str) -> frozenset[str]:
    return frozenset(words.split())


FRENCH: Final = _small(
    "le les des et est vous je pas sur dans pour une du au aux qui ne ce cette mon ma votre nous"
    " par avec"
)
OTHERS: Final[Mapping[str, frozenset[str]]] = {
    "anglais": _small(
        "the and of to is for that with you your have this are was my we would not be it"
    ),
    "espagnol": _small("el los las que por para con una del y mi su lo como pero es no"),
    "italien": _small("il che di per con una non sono della del gli mia mio questo è la ho e alla"),
    "allemand": _small(
        "der die und das ist nicht mit für den von zu ein eine ich sie wir bitte im auf"
    ),
    "portugais": _small("não que para com uma os das dos por mais está meu minha o e do da"),
}
"""Languages by their small words; those that French has too count for neither."""
CODES: Final[Mapping[str, str]] = {
    "anglais": "en",
    "espagnol": "es",
    "italien": "it",
    "allemand": "de",
    "portugais": "pt",
}
"""The code (BCP 47) of each of them, for pages."""
_LETTERS: Final[Mapping[str, re.Pattern[str]]] = {
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "zh": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hy": re.compile(r"[\u0530-\u058f]"),
    "ka": re.compile(r"[\u10a0-\u10ff]"),
    "ta": re.compile(r"[\u0b80-\u0bff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "bn": re.compile(r"[\u0980-\u09ff]"),
}
"""Letters of other scripts, by the language that is most often written in them."""
_RATHER: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "ar": ("fa", re.compile(r"[پچژگ]")),
    "ru": ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    "zh": ("ja", re.compile(r"[\u3040-\u30ff]")),
}
"""The language that shares those letters, and letters that it alone has."""
_FOREIGN: Final = re.compile(r"[\u0370-\u10ff\u3040-\u9fff]")
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he"})


def likely_language(text: str) -> str | None:
    """Returns in French the language in which a text seems to be written, if it is not French.

    `None` for French, for a short text, and where nothing is clear.
    """
    words = _WORD.findall(text[:_READ].lower())[:_MOST]
    if len(words) < _FEWEST:
        return None
    seen = Counter(words)
    shares = {
        name: sum(seen[word] for word in small - FRENCH) / len(words)
        for name, small in OTHERS.items()
    }
    best = max(shares, key=lambda name: shares[name])
    french = sum(seen[word] for word in FRENCH) / len(words)
    return best if shares[best] >= max(_SHARE, _CLEAR * french) else None


def language_code(text: str) -> str | None:
    """Returns the code of a text's language, such as `en`, if it is clear and not French.

    `None` where `likely_language` says nothing and most letters are those of French.
    """
    read = text[:_READ]
    if _FOREIGN.search(read):
        counts = {code: len(letters.findall(read)) for code, letters in _LETTERS.items()}
        most = max(counts, key=lambda code: counts[code])
        if 2 * counts[most] > sum(map(str.isalpha, read)):
            rather, own = _RATHER.get(most, (most, _FOREIGN))
            return rather if own.search(read) else most
    name = likely_language(read)
    return None if name is None else CODES[name]
