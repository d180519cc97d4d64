"""Whether the text of one document shows that two letters were fed without a sheet between them.

Pages with a letterhead of their own are common among a letter's enclosures, so the mark needs all
of it: an earlier page takes leave of its reader, and a later one bears a place with a date and
greets another time — or the words of our own separator sheet, whose code could not be read. It is
a mark for a person's eyes and cuts nothing.
"""

import re
import unicodedata
from collections.abc import Sequence

_GREETING = re.compile(
    r"^(chere? )?(madame|monsieur|mesdames|messieurs)\b[a-z ,]{0,60},?$", re.MULTILINE
)
_LEAVE = re.compile(r"\b(veuillez|je vous prie|recevez|salutations|consideration distinguee)\b")
_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_DATED = re.compile(rf"\ble \d{{1,2}}(er)? ?({_MONTHS}|[./-] ?\d{{1,2}} ?[./-]) ?\d{{2,4}}\b")
_SHEET = "feuille de separation"


def misses_separator(pages: Sequence[str]) -> bool:
    """Whether scanned pages seem to hold several letters without a separator sheet between."""
    plain = [_plain(page) for page in pages]
    if any(_SHEET in page for page in plain):
        return True
    left = False
    for page in plain:
        if left and _DATED.search(page) and _GREETING.search(page):
            return True
        left = left or _LEAVE.search(page) is not None
    return False


def _plain(text: str) -> str:
    """Lower case without accents, spaces joined, lines kept."""
    letters = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "\n".join(" ".join(line.split()) for line in bare.splitlines())
