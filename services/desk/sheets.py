"""A table into a file: .xlsx, .ods or .csv.

What a stranger wrote must stay text: a spreadsheet takes `=HYPERLINK(…)` for a formula. In .xlsx
and .ods a cell says that it is text; in .csv nothing can, so an apostrophe stands before what a
spreadsheet would obey.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    import xlsxwriter

SheetCell: TypeAlias = str | int | float | date | None

MOST_ODS: Final = 20_000
"""Lines of an .ods, which is made in memory; .xlsx and .csv have no such limit."""
LONGEST: Final = 32_000
"""Letters of a cell: Excel refuses 32,768."""

_OBEYED = re.compile(r"^\s*[=+\-@\t\r|%]")
_BODY = re.compile(r"<office:spreadsheet\b.*</office:spreadsheet>", re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ExportSheet:
    """A table of a spreadsheet to write: name, titles, column widths in letters."""

    name: str
    titles: Sequence[str]
    widths: Sequence[int]


class Workbook(Protocol):
    """The interface of a spreadsheet file that is being written, whatever its kind."""

    def begin(self, sheet: ExportSheet) -> None:
        """Begins a table in the spreadsheet file; a .csv file has only one."""
        ...

    def add(self, rows: Iterable[Sequence[SheetCell]]) -> None:
        """Adds lines to the current table of the spreadsheet."""
        ...


WorkbookOpener: TypeAlias = Callable[[Path], AbstractContextManager[Workbook]]


def plain(text: str) -> str:
    """Cuts a text at `LONGEST` letters, with blanks for control characters, for a sheet's cell."""
    return _UNPRINTABLE.sub(" ", text)[:LONGEST]


class _Xlsx:
    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._day = book.add_format({"num_format": "dd/mm/yyyy"})

    def begin(self, sheet: ExportSheet) -> None:
        self._sheet = self._book.add_worksheet(sheet.name)
        for number, width in enumerate(sheet.widths):
            self._sheet.set_column(number, number, width)
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        for number, title in enumerate(sheet.titles):
            self._sheet.write_string(0, number, title, self._head)
        self._at = 1

    def add(self, rows: Iterable[Sequence[SheetCell]]) -> None:
        for row in rows:
            for number, cell in enumerate(row):
                match cell:
                    case None:
                        pass
                    case str():
                        self._sheet.write_string(self._at, number, plain(cell))
                    case int() | float():
                        self._sheet.write_number(self._at, number, cell)
                    case date():
                        self._sheet.write_datetime(self._at, number, cell, self._day)
            self._at += 1


@contextmanager
def xlsx(path: Path) -> Iterator[Workbook]:
    """A context manager to write an Excel file line by line, in little memory."""
    import xlsxwriter  # noqa: PLC0415  (4 MB that only whoever writes a spreadsheet needs)

    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        yield _Xlsx(book)


class _Ods:
    """Cells are written as XML: odfdo's own tables take minutes for a long list."""

    def __init__(self) -> None:
        self.tables: list[list[str]] = []

    def begin(self, sheet: ExportSheet) -> None:
        self.tables.append([f"<table:table table:name={quoteattr(sheet.name)}>"])
        self.add([sheet.titles])

    def add(self, rows: Iterable[Sequence[SheetCell]]) -> None:
        table = self.tables[-1]
        for row in rows:
            table.append(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>")


def _cell(cell: SheetCell) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case str():
            text = f"<text:p>{escape(plain(cell))}</text:p>"
            return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
        case int() | float():
            value = f'office:value-type="float" office:value="{cell}"'
            said = _number(cell)
            return f"<table:table-cell {value}><text:p>{said}</text:p></table:table-cell>"
        case date():
            value = f'office:value-type="date" office:date-value="{cell}"'
            return f"<table:table-cell {value}><text:p>{cell:%d/%m/%Y}</text:p></table:table-cell>"


@contextmanager
def ods(path: Path) -> Iterator[Workbook]:
    """Writes a LibreOffice spreadsheet from memory on leaving (context manager).

    Nothing checks its length: the caller adds `MOST_ODS` lines at most.
    """
    from odfdo import Container, Document  # noqa: PLC0415  (6 MB, as above)

    made = _Ods()
    yield made
    container = Document("spreadsheet").container or Container()
    content = container.get_part("content.xml")
    text = content.decode() if isinstance(content, bytes) else str(content)
    tables = "".join(f"{''.join(table)}</table:table>" for table in made.tables)
    body = f"<office:spreadsheet>{tables}</office:spreadsheet>"
    container.set_part("content.xml", _BODY.sub(lambda _: body, text).encode())
    container.save(str(path))


class _Csv:
    def __init__(self, file: io.TextIOBase) -> None:
        self._lines = csv.writer(file, delimiter=";", lineterminator="\r\n")

    def begin(self, sheet: ExportSheet) -> None:
        self._lines.writerow(sheet.titles)

    def add(self, rows: Iterable[Sequence[SheetCell]]) -> None:
        self._lines.writerows([_written(cell) for cell in row] for row in rows)


def _number(cell: float) -> str:
    """A number as French spreadsheets read it; of a fraction, four places."""
    return str(cell) if isinstance(cell, int) else f"{cell:.4f}".replace(".", ",")


def _written(cell: SheetCell) -> str:
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if not isinstance(cell, str):
        return "" if cell is None else _number(cell)
    text = plain(cell)
    return f"'{text}" if _OBEYED.match(text) else text


@contextmanager
def csv_(path: Path) -> Iterator[Workbook]:
    """A context manager to write a CSV file with semicolons, as a French Excel opens it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield _Csv(file)


KINDS: Final[Mapping[str, WorkbookOpener]] = {".xlsx": xlsx, ".ods": ods, ".csv": csv_}
MEDIA: Final[Mapping[str, str]] = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv; charset=utf-8",
}


def octets(rows: Iterable[Sequence[SheetCell]], sheet: ExportSheet, kind: str) -> bytes:
    """Returns one table as the bytes of a spreadsheet file of this kind (`.xlsx`).

    Slow: call it in a thread.
    """
    with tempfile.TemporaryDirectory(prefix="vaguemestre-") as folder:
        path = Path(folder) / f"table{kind}"
        with KINDS[kind](path) as book:
            book.begin(sheet)
            book.add(rows)
        return path.read_bytes()
