"""Numbers of registered letters: what may be one, and its control digit. Pure.

Two forms: La Poste's own, a digit and a letter (`1A`, `2C`, …), ten digits and a control digit that
counts every second digit three times; and that of the Universal Postal Union (S10) for letters that
leave France: two letters, eight digits, a weighted control digit modulo eleven, and the country.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_NATIONAL: Final = re.compile(r"[0-9][A-Z][0-9]{11}", re.ASCII)
_INTERNATIONAL: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", re.ASCII)
_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_TEN_AND_ELEVEN: Final = {10: 0, 11: 5}
_BETWEEN: Final = re.compile(r"[\s.\-\u00a0\u202f]+")


def parse_number(typed: str) -> str | None:
    """Parses the number of a registered letter as it is typed or scanned, in any spacing.

    Returns it without blanks and in capitals; `None` when it is none, or a digit of it is wrong.
    """
    number = _BETWEEN.sub("", typed).upper()
    if _NATIONAL.fullmatch(number):
        return number if _national_key(number[2:12]) == int(number[12]) else None
    if _INTERNATIONAL.fullmatch(number):
        return number if _international_key(number[2:10]) == int(number[10]) else None
    return None


def has_wrong_digit(typed: str) -> bool:
    """Tells whether what was typed has the form of a number, and a digit that can't be right."""
    number = _BETWEEN.sub("", typed).upper()
    formed = _NATIONAL.fullmatch(number) or _INTERNATIONAL.fullmatch(number)
    return formed is not None and parse_number(typed) is None


def both_forms(typed: str) -> str:
    """Formats a number as it was typed and as it is scanned: a search by either finds it."""
    scanned = parse_number(typed)
    return typed if scanned in (None, typed) else f"{typed} ({scanned})"


def format_number(number: str) -> str:
    """Formats a registered letter's number: `2C 123 456 7890 5`, `RK 12 345 678 5 FR`."""
    cuts: Sequence[int]
    if _NATIONAL.fullmatch(number):
        cuts = (0, 2, 5, 8, 12, 13)
    elif _INTERNATIONAL.fullmatch(number):
        cuts = (0, 2, 4, 7, 10, 11, 13)
    else:
        return number
    parts = (number[first:last] for first, last in pairwise(cuts))
    return "\N{NO-BREAK SPACE}".join(parts)


def _national_key(digits: str) -> int:
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return -weighted % 10


def _international_key(digits: str) -> int:
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    left = 11 - weighted % 11
    return _TEN_AND_ELEVEN.get(left, left)
