"""A spreadsheet as titles and cells, whatever program wrote it."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

import orjson

from services.desk.migration.spreadsheet import spreadsheet_child
from shared.errors import Refused
from shared.platform import child_process

GridCell: TypeAlias = str | float | date | None

MOST_OCTETS: Final = 30 * 1024 * 1024
MOST_LINES: Final = 200_000
_SEARCHED = 20
"""Lines in which the titles are looked for: many registers begin with a heading."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The first table of a spreadsheet file that has titles: its titles and lines."""

    titles: Sequence[str]
    rows: Sequence[tuple[int, Sequence[GridCell]]]
    """Each line that is not empty, with its number as the spreadsheet shows it."""


def read(name: str, content: bytes) -> Grid:
    """Reads the table of a spreadsheet file in a process of its own.

    Raises:
        Refused: the file is of another kind, can't be read, is empty or too large.
    """
    if len(content) > MOST_OCTETS:
        raise Refused("The file is too large: cut it.", "import-too-large")
    filled = _lines("csv" if name.lower().endswith((".csv", ".txt")) else "sheet", content)
    # The titles: the first line with the most texts.
    head = filled[:_SEARCHED]
    best = max(head, key=lambda numbered: (_texts(numbered[1]), -numbered[0]), default=None)
    if best is None or _texts(best[1]) < 2:  # noqa: PLR2004  (a day and something else)
        raise Refused("No line of titles was found in the file.", "import-no-titles")
    rows = [(n, line) for n, line in filled if n > best[0]]
    if len(rows) > MOST_LINES:
        raise Refused(f"More than {MOST_LINES} lines: cut the file.", "import-too-large")
    return Grid([str(title or "").strip() for title in best[1]], rows)


def _texts(line: Sequence[GridCell]) -> int:
    return len({cell for cell in line if isinstance(cell, str)})


def _lines(kind: str, content: bytes) -> Sequence[tuple[int, Sequence[GridCell]]]:
    """Each line that is not empty, read by a process that the file may well end. Raises Refused."""
    try:
        done = subprocess.run(  # noqa: S603  (our own argv)
            [sys.executable, "-I", spreadsheet_child.__file__, kind],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_process.environment(),
            timeout=5 * spreadsheet_child.SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        ended = spreadsheet_child.TOO_LARGE
    else:
        ended = done.returncode
    if ended in {1, spreadsheet_child.UNREADABLE}:
        raise Refused(
            "The file can't be read: save it again as .xlsx, .ods or .csv.", "import-unreadable"
        )
    if ended:
        raise Refused("The file is too large: cut it.", "import-too-large")
    return [(number, [_cell(cell) for cell in row]) for number, row in orjson.loads(done.stdout)]


def _cell(said: str | float | dict[str, str] | None) -> GridCell:
    return date.fromisoformat(said["day"]) if isinstance(said, dict) else said
