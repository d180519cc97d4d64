"""Spreadsheets made to end whoever opens them: a sentence, and the register goes on."""

import io
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from services.desk.migration.spreadsheet import grid, spreadsheet_child
from shared.errors import Refused

TITLES = ["N°", "Reçu le", "Objet"]
MEGABYTE = b"x" * 1_000_000


def a_book(write: Callable[[xlsxwriter.worksheet.Worksheet], object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, TITLES)
        sheet.write_row(1, 0, ("1", "20/04/2026", "=HYPERLINK(1)"))
        write(sheet)
    return out.getvalue()


def swollen(book: bytes, part: str, times: int) -> bytes:
    """The same book, with so many megabytes of one letter at the end of a part."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        for entry in before.infolist():
            with after.open(entry.filename, "w") as written:
                written.write(before.read(entry)[:-20])
                for _ in range(times if entry.filename == part else 0):
                    written.write(MEGABYTE)
                written.write(before.read(entry)[-20:])
    return out.getvalue()


def test_an_honest_book_is_read_with_the_numbers_of_its_lines() -> None:
    table = grid.read("registre.xlsx", a_book(lambda sheet: sheet.write(3, 0, "3")))
    assert table.titles == TITLES
    assert [(n, row[0]) for n, row in table.rows] == [(2, "1"), (4, "3")]


def test_one_cell_at_the_far_end_of_a_sheet_ends_nothing_of_ours() -> None:
    """Five kilobytes; made dense, half a terabyte."""
    book = a_book(lambda sheet: sheet.write(1_048_575, 16_383, "x"))
    with pytest.raises(Refused) as refused:
        grid.read("registre.xlsx", book)
    assert refused.value.why == "import-too-large"


def test_a_book_that_unpacks_to_gigabytes_ends_nothing_of_ours() -> None:
    more = spreadsheet_child.MEMORY // len(MEGABYTE) + 10
    book = swollen(a_book(lambda _: None), "xl/sharedStrings.xml", more)
    assert len(book) < grid.MOST_OCTETS
    with pytest.raises(Refused) as refused:
        grid.read("registre.xlsx", book)
    assert refused.value.why == "import-too-large"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.xlsx", b"PK\x03\x04 no archive", "import-unreadable"),
        ("a.ods", b"", "import-unreadable"),
        ("a.csv", b"N;R\n" + b"x" * 200_000, "import-unreadable"),
        ("a.csv", b"\0" * 1000, "import-no-titles"),
    ],
)
def test_what_is_no_register_is_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        grid.read(name, content)
    assert refused.value.why == why
