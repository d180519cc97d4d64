"""The text of a batch of survey sheets: what its digest is computed over, when sealed and verified.

A line for each sheet, in the order of the lines themselves: where a sheet stood among the others is
kept nowhere.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.facts.envelope import Digest

NOT_CONCERNED: Final = 0
"""The answer « pas concerné »; 1 to 4 are levels, from « pas du tout » to « tout à fait »."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A sheet of the survey as it is stored: answers in the order of the form's questions."""

    sheet_id: UUID
    """By chance: says nothing of anybody, nor of when."""
    channel: str
    place: str
    week: str
    """ISO week: `2026-W40`."""
    answers: Sequence[int | None]
    """0: not concerned; 1 to 4: a level; `None`: no answer."""


def line(row: SheetRow) -> str:
    """Serialises a survey sheet as a line: its id, channel, place, week and answers."""
    answers = ",".join("-" if answer is None else str(answer) for answer in row.answers)
    return ";".join((str(row.sheet_id), row.channel, row.place, row.week, answers))


def digest(rows: Iterable[SheetRow]) -> Digest:
    """Returns the SHA-256 over a batch of survey sheets: their lines, sorted.

    Each is ended by a line feed.
    """
    text = "".join(f"{told}\n" for told in sorted(map(line, rows)))
    return Digest(hashlib.sha256(text.encode()).hexdigest())
