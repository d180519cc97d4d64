"""In which language a page of a scan seems to be written, other than French.

By the small words that no text does without. Only what was read well enough to have such words is
recognised: of Arabic or Cyrillic letters, which the OCR does not know, the confidence tells.
"""

import re
from collections.abc import Mapping
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST: Final = 20
"""Words of a page from which its language can be told."""
_SHARE, _CLEAR = 0.15, 2.0
"""Of a page's words, how many are such a language's; times as many as are French."""
_MOST: Final = 400
"""Words of a page that are counted."""


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


def likely_language(text: str) -> str | None:
    """Returns in French the language in which a text seems to be written, if it is not French.

    `None` for French, for a short text, and where nothing is clear.
    """
    words = _WORD.findall(text.lower())[:_MOST]
    if len(words) < _FEWEST:
        return None
    shares = {
        name: sum(word in small - FRENCH for word in words) / len(words)
        for name, small in OTHERS.items()
    }
    best = max(shares, key=lambda name: shares[name])
    french = sum(word in FRENCH for word in words) / len(words)
    return best if shares[best] >= max(_SHARE, _CLEAR * french) else None
