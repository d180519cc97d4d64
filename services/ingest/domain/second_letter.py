"""Whether the text of one document shows that two letters were fed without a sheet between them.

Pages with a letterhead of their own are common among a letter's enclosures, so a place with a date
and a greeting on a later page are not enough: an earlier page takes leave of its reader, or the
later one comes from another address and does not bear that of the first letter's sender, as what
was written to them would. The words of our own separator sheet, whose code could not be read, are
enough alone. It is a mark for a person's eyes and cuts nothing.
"""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

_GREETING = re.compile(
    r"^(chere? )?(madame|monsieur|mesdames|messieurs)\b[a-z ,]{0,60},?$", re.MULTILINE
)
_LEAVE = re.compile(
    r"\b(veuillez (agreer|recevoir|croire)|je vous prie|nous vous prions|recevez|agreez|salutations"
    r"|consideration distinguee|cordialement|respectueusement|bien a vous|avec mes remerciements"
    r"|dans l.attente de votre reponse|mes respects)\b"
)
_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_DATED = re.compile(rf"\ble \d{{1,2}}(er)? ?({_MONTHS}|[./-] ?\d{{1,2}} ?[./-]) ?\d{{2,4}}\b")
_ADDRESS = re.compile(r"^(.*)\n+(\d{5} [a-z][a-z' -]{2,40})", re.MULTILINE)
"""A street, and below it a postal code with its town."""
SenderAddress: TypeAlias = tuple[str, str]
_SHEET = "feuille de separation"
_MOST = 10
_LONGEST = 80
_ALIKE = 0.85
"""From this likeness on two streets are one, which was read twice."""


def misses_separator(pages: Sequence[str]) -> bool:
    """Whether scanned pages seem to hold several letters without a separator sheet between."""
    plain = [_plain(page) for page in pages]
    if any(_SHEET in page for page in plain):
        return True
    left = False
    before: list[SenderAddress] = []
    for page in plain:
        if _DATED.search(page) and _GREETING.search(page) and (left or _comes_from(page, before)):
            return True
        left = left or _LEAVE.search(page) is not None
        before = before or _addresses(page)
    return False


def _comes_from(page: str, before: Sequence[SenderAddress]) -> bool:
    """Whether a page bears an address that the first letter has not, and not its sender's."""
    found = _addresses(page)
    if not before or any(_alike(before[0], address) for address in found):
        return False
    return any(not any(_alike(known, address) for known in before) for address in found)


def _addresses(page: str) -> list[SenderAddress]:
    found = (found.groups() for found in _ADDRESS.finditer(page))
    return [(street[-_LONGEST:], town) for street, town in found][:_MOST]


def _alike(one: SenderAddress, other: SenderAddress) -> bool:
    return all(
        SequenceMatcher(None, *words).ratio() >= _ALIKE for words in zip(one, other, strict=True)
    )


def _plain(text: str) -> str:
    """Lower case without accents, spaces joined, lines kept."""
    letters = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "\n".join(" ".join(line.split()) for line in bare.splitlines())
