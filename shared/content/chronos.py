"""Chronos: one gapless counter a year and direction, `36-2026-A-000123` (docs/domain.md §6)."""

import re
from collections.abc import Sequence
from enum import StrEnum

from shared.errors import Refused
from shared.facts.envelope import Chrono

_WRITTEN = re.compile(
    r"(?P<department>\d{2,3}|2[AB])-(?P<year>\d{4})-(?P<direction>[AD])-(?P<number>\d{1,9})",
    re.ASCII,
)
_SHORT = re.compile(r"(?:(?P<direction>[AD])-?)?(?P<number>\d{1,9})", re.ASCII)


class Direction(StrEnum):
    """The direction of a chrono: arrival or departure; each has its own counter."""

    ARRIVAL = "A"
    DEPARTURE = "D"


def write(department: str, year: int, direction: Direction, number: int) -> Chrono:
    """Formats a chrono from its parts; the number has six digits, or more when needed."""
    return Chrono(f"{department}-{year:04d}-{direction}-{number:06d}")


def chronos_up_to(
    department: str, year: int, direction: Direction, last: int, count: int
) -> Sequence[Chrono]:
    """Formats the `count` chronos in a row of which number `last` is the last, in order."""
    return [
        write(department, year, direction, number) for number in range(last - count + 1, last + 1)
    ]


def is_departure(chrono: Chrono) -> bool:
    """Whether a chrono is of a departure (an outgoing letter or email)."""
    found = _WRITTEN.fullmatch(chrono)
    return found is not None and found["direction"] == Direction.DEPARTURE


def read(text: str, department: str, year: int) -> Chrono:
    """Parses a chrono that a person typed: whole, or `123` for this year's arrival 000123.

    `D-123` is this year's departure 000123.

    Raises:
        Refused: it is neither.
    """
    text = text.strip().upper()
    if whole := _WRITTEN.fullmatch(text):
        number = int(whole["number"])
        return write(whole["department"], int(whole["year"]), Direction(whole["direction"]), number)
    if short := _SHORT.fullmatch(text):
        return write(department, year, Direction(short["direction"] or "A"), int(short["number"]))
    raise Refused(
        f"{text[:40]!r} is no chrono: write it whole ({department}-{year}-A-000123) or its number.",
        "no-chrono",
        text=text[:40],
    )
