"""What we print is read back after a copier: tilted, noisy, blurred, stained, torn."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PIL import ImageDraw

from services.ingest.reading.opening import open_pages
from services.ingest.reading.sight import look
from shared.codes import DayCode, LabelCode, SeparatorCode, read
from shared.errors import Refused
from shared.facts.envelope import ServiceId
from shared.sheets import label_sheets, separator_sheets
from tests.papers import (
    BMI,
    DRCL,
    PREFECTURE,
    as_pdf,
    labels,
    pictures,
    scanned,
    separator,
    sheet_of,
)

Put = Callable[[bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(octets: bytes) -> Path:
        path = tmp_path / "scan"
        path.write_bytes(octets)
        return path

    return write


@pytest.mark.parametrize(
    ("tilt", "noise", "blur"), [(0, 0, 0), (3, 25, 1.2), (-4, 30, 1.5), (180, 20, 1), (90, 20, 1)]
)
def test_a_worn_sheet_is_recognised(put: Put, tilt: float, noise: float, blur: float) -> None:
    sheet = scanned(separator(BMI), tilt=tilt, noise=noise, blur=blur)
    seen = look(open_pages(put(as_pdf([sheet]))), 1)
    (code,) = seen.codes
    assert read(code.text) == SeparatorCode("indre", ServiceId("bmi"))
    assert 80 <= code.millimetres <= 110


def test_a_sheet_with_a_torn_and_stained_code_is_recognised(put: Put) -> None:
    sheet = separator(BMI)
    stain = ImageDraw.Draw(sheet)
    stain.ellipse((640, 560, 740, 660), fill=120)
    stain.line((300, 700, 1000, 780), fill=255, width=9)
    (code,) = look(open_pages(put(as_pdf([sheet]))), 1).codes
    assert read(code.text) == SeparatorCode("indre", ServiceId("bmi"))


@pytest.mark.parametrize(("tilt", "noise", "blur"), [(0, 0, 0), (2, 20, 0.8), (-3, 25, 1.0)])
def test_each_label_of_a_page_is_read_after_a_copier(
    put: Put, tilt: float, noise: float, blur: float
) -> None:
    (page,) = labels(100, 48, dpi=300)
    seen = look(open_pages(put(as_pdf([scanned(page, tilt=tilt, noise=noise, blur=blur)], 300))), 1)
    numbers = {read(code.text) for code in seen.codes}
    assert numbers == {LabelCode("indre", number) for number in range(100, 148)}
    assert all(10 <= code.millimetres <= 20 for code in seen.codes)


def test_the_generic_sheet_and_that_of_the_day_are_recognised(put: Put) -> None:
    pages = open_pages(put(as_pdf([separator(), sheet_of(date(2026, 5, 11))])))
    codes = [read(code.text) for number in (1, 2) for code in look(pages, number).codes]
    assert codes == [SeparatorCode("indre"), DayCode("indre", date(2026, 5, 11))]


def test_sheets_come_twice_each_for_both_sides() -> None:
    assert len(pictures(separator_sheets(PREFECTURE, [BMI, DRCL]), 20)) == 6


@pytest.mark.parametrize(
    ("first", "count", "skip"), [(0, 1, 0), (1, 0, 0), (1, 5_000, 0), (1, 1, 48)]
)
def test_labels_that_make_no_sense_are_refused(first: int, count: int, skip: int) -> None:
    with pytest.raises(Refused):
        label_sheets(PREFECTURE, first, count, skip)


def test_a_page_begun_is_used_up_before_the_next() -> None:
    assert len(pictures(label_sheets(PREFECTURE, 1, 47, skip=1), 20)) == 1
    assert len(pictures(label_sheets(PREFECTURE, 1, 48, skip=1), 20)) == 2
