"""Which item of ours a paper names: by a code that we printed, or by a number that it cites.

People send back what we sent them: our letter, the récépissé of the counter, or a page on which
they copied its number. The code proves that we printed it once; not who sends it, nor that what
comes with it belongs to that item, since paper is copied and handed on. So a machine joins nothing
by it: the register proposes, and a person confirms. Where codes of ours name several items none is
proposed, and all are told, as nobody may read the paper who may not read each of them.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date

from shared.content.follow_codes import PATH, FollowCode, parse_typed, proves
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import Chrono
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import DepartureCode

_BLANK = r"[\s\u00a0\u2009\u202f]?"
_DASH = rf"{_BLANK}[-\u2010-\u2015\u2212]{_BLANK}"
_NUMBER = re.compile(
    rf"(?<![\w-])(\d{{2,3}}|2[ab]){_DASH}(\d{{4}}){_DASH}a{_DASH}(\d{{6,9}})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_CODE = re.compile(r"(?<![\w-])[A-Z0-9]{4}(?:-[A-Z0-9]{4}){1,2}-[A-Z0-9]{1,2}(?![\w-])", re.ASCII)
"""A code as `FollowCode.shown` writes it; digits may be misread letters."""
_LONGEST = 500
_MOST = 50
"""Numbers and codes of one text that are looked at; each pair costs a digest."""
_PAGE = re.compile(rf"{PATH}/([^/?#\s]+)/([^/?#\s]+)/?\s*\Z")
"""The end of the address in the récépissé of the counter: `/suivi/36-2026-A-000123/K7QF…`."""


@dataclass(frozen=True, slots=True)
class NamedItems:
    """The item that a paper names, and whether a code of ours on it says so."""

    chrono: Chrono | None = None
    by_code: bool = False
    several: tuple[Chrono, ...] = ()
    """The items that codes of ours name, where there is more than one: in order of their text."""


def items_of_codes(
    texts: Iterable[str], keys: CodeKeys, secret: SiteKeys | None, department: str, today: date
) -> frozenset[Chrono]:
    """Returns the chronos that the signed QR codes of a paper name.

    They are those of our outgoing letters, and of the page by which a letter is followed
    (`secret`: what signed those; without it they say nothing). `today` is a local day.
    """
    signed = replace(keys, unsigned_until=None)  # anybody prints one without a signature
    return frozenset(
        chrono
        for text in texts
        if (chrono := _of_letter(text, signed, today) or _of_page(text, secret)) is not None
        and chrono.split("-")[0] == department
    )


def items_named(
    text: str, secret: SiteKeys, department: str, scanned: AbstractSet[Chrono] = frozenset()
) -> NamedItems:
    """Returns what a paper names by its codes, or by the one number of its text that it cites.

    A code is one that was `scanned`, or that stands in the text with its number.
    """
    cited = list(dict.fromkeys(_cited(text, department)))[:_MOST]
    codes = list(dict.fromkeys(_CODE.findall(text)))[:_MOST]
    typed = (parse_typed(chrono, code) for chrono in cited for code in codes)
    proven = {said.chrono for said in typed if said is not None and _is_ours(said, secret)}
    proven |= scanned
    if len(proven) > 1:
        return NamedItems(several=tuple(sorted(proven)))
    if proven:
        return NamedItems(proven.pop(), by_code=True)
    return NamedItems(cited[0]) if len(cited) == 1 else NamedItems()


def _of_letter(text: str, keys: CodeKeys, today: date) -> Chrono | None:
    code = keys.read(text, today)
    return code.chrono if isinstance(code, DepartureCode) else None


def _of_page(text: str, secret: SiteKeys | None) -> Chrono | None:
    page = _PAGE.search(text[:_LONGEST])
    found = None if page is None or secret is None else parse_typed(page[1], page[2])
    if found is None or secret is None or not _is_ours(found, secret):
        return None
    return found.chrono


def _is_ours(found: FollowCode, secret: SiteKeys) -> bool:
    return proves(secret, found.chrono, found.code)


def _cited(text: str, department: str) -> Iterator[Chrono]:
    for found in _NUMBER.finditer(text):
        where, year, count = found.groups()
        if where.upper() == department:
            yield Chrono(f"{department}-{year}-A-{int(count):06d}")
