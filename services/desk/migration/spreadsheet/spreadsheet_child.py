"""A spreadsheet of a stranger, opened by a process of its own.

A file of 5 kB may name one cell at the far end of a sheet, or unpack to gigabytes: whoever opens it
then ends, by an abort that no `except` sees. It must not be the register. This file is run alone,
`python -I spreadsheet_child.py KIND < FILE`, with as much memory and time as an honest register
needs; it writes its lines as JSON, `[[number, [cell, …]], …]`, a day as `{"day": "2026-05-12"}`.
"""

import codecs
import csv
import io
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

import orjson

from shared.platform import confinement

UNREADABLE: Final = 2
TOO_LARGE: Final = 3

MEMORY: Final = 1_500_000_000
"""Octets: thirty times what the largest file weighs that is taken."""
SECONDS: Final = 120
MOST_CELLS: Final = 6_000_000
MOST_WRITTEN: Final = 250_000_000
"""Octets of JSON: whoever asked reads them into its own memory."""
LONGEST: Final = 32_767
"""Letters of a cell, as in Excel."""


class SpreadsheetTooLarge(Exception):  # noqa: N818  (said by an exit code)
    """The error that a spreadsheet has more cells than a real register."""


def main() -> None:
    """Reads a spreadsheet from standard input and writes its lines as JSON; see the exit codes."""
    from python_calamine import CalamineError  # noqa: PLC0415  (who starts it needs numbers alone)

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for charset in ("utf-8-sig", "cp1252"):
        codecs.lookup(charset)  # imported now: a confined process can't any more
    confinement.limit(MEMORY)
    confinement.confine()
    content = sys.stdin.buffer.read()
    try:
        written = _written(_csv(content) if sys.argv[1] == "csv" else _sheet(content))
    except (SpreadsheetTooLarge, MemoryError):
        sys.exit(TOO_LARGE)
    except (CalamineError, csv.Error, ValueError, OSError):
        sys.exit(UNREADABLE)
    sys.stdout.buffer.write(written)


def _written(lines: Iterable[Sequence[object]]) -> bytes:
    """The lines that are not empty, each with its number.

    Empty cells at their end stay: a line without a number of its own is known again by all of it.
    """
    found, cells = list[tuple[int, Sequence[object]]](), 0
    for number, line in enumerate(lines, 1):
        row = [_cell(cell) for cell in line]
        if any(cell is not None for cell in row):
            found.append((number, row))
            cells += len(row)
        if cells > MOST_CELLS:
            raise SpreadsheetTooLarge
    written = orjson.dumps(found)
    if len(written) > MOST_WRITTEN:
        raise SpreadsheetTooLarge
    return written


def _cell(cell: object) -> object:
    match cell:
        case bool():
            return "oui" if cell else "non"
        case datetime():
            return {"day": cell.date().isoformat()}
        case date():
            return {"day": cell.isoformat()}
        case int() | float():
            return float(cell)
        case str():
            return cell.replace("\0", "").strip()[:LONGEST] or None
        case _:
            return None if cell is None else str(cell)


def _sheet(content: bytes) -> Iterable[Sequence[object]]:
    """The first sheet that has lines."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  (as above)

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = (book.get_sheet_by_index(n) for n in range(len(book.sheet_names)))
    return next((rows for sheet in sheets if (rows := sheet.to_python(skip_empty_area=False))), [])


def _csv(content: bytes) -> Iterator[Sequence[object]]:
    """Text as spreadsheets write it in France: semicolons, UTF-8 or Windows."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    delimiter = max(";\t,", key=text[:4096].count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


if __name__ == "__main__":
    main()
