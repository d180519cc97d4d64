"""A spreadsheet as titles and cells, whatever program wrote it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from python_calamine import CalamineError, CalamineWorkbook

from shared.errors import Refused

Cell: TypeAlias = str | float | date | None

MOST_OCTETS: Final = 30 * 1024 * 1024
MOST_LINES: Final = 200_000
_SEARCHED = 20
"""Lines in which the titles are looked for: many registers begin with a heading."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The first sheet of a file that has titles."""

    titles: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Cell]]]
    """Each line that is not empty, with its number as the spreadsheet shows it."""


def read(name: str, content: bytes) -> Grid:
    """The table of a file.

    Raises:
        Refused: it is none of ours, can't be read, is empty or too large.
    """
    if len(content) > MOST_OCTETS:
        raise Refused("The file is too large: cut it.", "import-too-large")
    lines = _csv(content) if name.lower().endswith((".csv", ".txt")) else _sheet(content)
    filled = [(n, line) for n, line in enumerate(lines, 1) if any(c is not None for c in line)]
    # The titles: the first line with the most texts.
    head = filled[:_SEARCHED]
    best = max(head, key=lambda one: (_texts(one[1]), -one[0]), default=None)
    if best is None or _texts(best[1]) < 2:  # noqa: PLR2004  (a day and something else)
        raise Refused("No line of titles was found in the file.", "import-no-titles")
    rows = [(n, line) for n, line in filled if n > best[0]]
    if len(rows) > MOST_LINES:
        raise Refused(f"More than {MOST_LINES} lines: cut the file.", "import-too-large")
    return Grid([str(title or "").strip() for title in best[1]], rows)


def _texts(line: Sequence[Cell]) -> int:
    return len({cell for cell in line if isinstance(cell, str)})


def _sheet(content: bytes) -> Sequence[Sequence[Cell]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = (book.get_sheet_by_index(n) for n in range(len(book.sheet_names)))
        found = next(
            (rows for sheet in sheets if (rows := _rows(sheet.to_python(skip_empty_area=False)))),
            None,
        )
    except (CalamineError, ValueError, OSError) as error:
        raise Refused(
            "The file can't be read: save it again as .xlsx, .ods or .csv.", "import-unreadable"
        ) from error
    return found or []


def _rows(rows: Sequence[Sequence[object]]) -> Sequence[Sequence[Cell]]:
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: object) -> Cell:
    match cell:
        case bool():
            return "oui" if cell else "non"
        case datetime():
            return cell.date()
        case date():
            return cell
        case int() | float():
            return float(cell)
        case str():
            return cell.replace("\0", "").strip() or None
        case _:
            return None if cell is None else str(cell)


def _csv(content: bytes) -> Sequence[Sequence[Cell]]:
    """Text as spreadsheets write it in France: semicolons, UTF-8 or Windows."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text[:4096]
    delimiter = max(";\t,", key=first.count)
    try:
        return _rows(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        raise Refused("The file can't be read as .csv.", "import-unreadable") from error
