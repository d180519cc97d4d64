"""What we print is read back after a copier: tilted, noisy, blurred, stained, torn."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.page_glance import look
from shared.errors import Refused
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import UnprovenCode
from shared.paper.codes import DayCode, DepartureCode, LabelCode, PaperCode, SeparatorCode
from shared.paper.sheets import label_sheets, separator_sheets
from tests.bench.scan_pages import MadePage, is_understood, print_bases
from tests.code_keys import KEYS
from tests.papers import (
    BMI,
    DRCL,
    PREFECTURE,
    a_letter,
    as_pdf,
    labels,
    pictures,
    scanned,
    separator,
    sheet_of,
)

Put = Callable[[bytes], Path]


def read(text: str) -> PaperCode | UnprovenCode | None:
    return KEYS.read(text, date(2026, 5, 12))


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


def test_a_grainy_label_out_of_focus_is_read(tmp_path: Path) -> None:
    """Each was missed before its grain was smoothed away."""
    print_bases(tmp_path, 1)
    made = [MadePage("label", number, 1, blur=1.5) for number in (21, 31, 35, 65)]
    assert [page for page in made if not is_understood(page, tmp_path)] == []


def test_the_generic_sheet_and_that_of_the_day_are_recognised(put: Put) -> None:
    pages = open_pages(put(as_pdf([separator(), sheet_of(date(2026, 5, 11))])))
    codes = [read(code.text) for number in (1, 2) for code in look(pages, number).codes]
    assert codes == [SeparatorCode("indre"), DayCode("indre", date(2026, 5, 11))]


def test_sheets_come_twice_each_for_both_sides() -> None:
    assert len(pictures(separator_sheets(PREFECTURE, [BMI, DRCL], KEYS), 20)) == 6


@pytest.mark.parametrize(
    ("first", "count", "skip"), [(0, 1, 0), (1, 0, 0), (1, 5_000, 0), (1, 1, 48)]
)
def test_labels_that_make_no_sense_are_refused(first: int, count: int, skip: int) -> None:
    with pytest.raises(Refused):
        label_sheets(PREFECTURE, first, count, KEYS, skip)


def test_a_page_begun_is_used_up_before_the_next() -> None:
    assert len(pictures(label_sheets(PREFECTURE, 1, 47, KEYS, skip=1), 20)) == 1
    assert len(pictures(label_sheets(PREFECTURE, 1, 48, KEYS, skip=1), 20)) == 2


@pytest.mark.parametrize(
    ("tilt", "noise", "blur"), [(0, 0, 0), (3, 25, 1.2), (-4, 30, 1.5), (180, 20, 1), (90, 20, 1)]
)
@pytest.mark.parametrize("sheet", [lambda: separator(DRCL), lambda: sheet_of(date(2026, 5, 11))])
def test_a_worn_sheet_bears_nothing_beside_what_we_print(
    put: Put, sheet: Callable[[], Image.Image], tilt: float, noise: float, blur: float
) -> None:
    seen = look(open_pages(put(as_pdf([scanned(sheet(), tilt=tilt, noise=noise, blur=blur)]))), 1)
    assert [code.beside for code in seen.codes] == [False]


@pytest.mark.parametrize("tilt", [0, -3, 90, 180])
def test_a_note_in_pen_beside_the_code_of_a_sheet_is_seen(put: Put, tilt: float) -> None:
    sheet = separator(BMI)
    pen = ImageDraw.Draw(sheet)
    for at in range(3):  # three strokes of two centimetres
        pen.line((140, 500 + 30 * at, 260, 510 + 30 * at), fill=60, width=3)
    seen = look(open_pages(put(as_pdf([scanned(sheet, tilt=tilt, noise=15)]))), 1)
    assert [code.beside for code in seen.codes] == [True]


@pytest.mark.parametrize(("tilt", "noise", "blur"), [(0, 0, 0), (3, 20, 1), (-2, 25, 1)])
def test_signed_sheets_and_stickers_are_read_at_200_dpi(
    put: Put, tilt: float, noise: float, blur: float
) -> None:
    page = scanned(separator(DRCL, dpi=200), tilt=tilt, noise=noise, blur=blur)
    (code,) = look(open_pages(put(as_pdf([page], 200))), 1).codes
    assert read(code.text) == SeparatorCode("indre", ServiceId("drcl"))
    (stickers,) = labels(100, 48, dpi=200)
    worn = scanned(stickers, tilt=tilt, noise=noise / 2, blur=blur / 2)
    seen = look(open_pages(put(as_pdf([worn], 200))), 1)
    assert {read(code.text) for code in seen.codes} == {
        LabelCode("indre", number) for number in range(100, 148)
    }


@pytest.mark.parametrize("kind", [NoticeKind.REPLY, NoticeKind.HOLDING_REPLY, NoticeKind.PIECES])
@pytest.mark.parametrize(("tilt", "noise", "blur"), [(0, 0, 0), (2, 15, 0.8), (-2, 20, 1)])
def test_the_signed_code_of_a_letter_is_read_at_200_dpi(
    put: Put, kind: NoticeKind, tilt: float, noise: float, blur: float
) -> None:
    left = DepartureCode(Chrono("36-2026-A-000123"), kind)
    page = scanned(a_letter(code=left, dpi=200), tilt=tilt, noise=noise, blur=blur)
    (code,) = look(open_pages(put(as_pdf([page], 200))), 1).codes
    assert read(code.text) == left
