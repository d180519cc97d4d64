"""Separator sheets of other products, as a site names them: patch codes, Code 128, DataMatrix."""

from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.ingest.domain.page_codes import SeenCode, SeenPage
from services.ingest.domain.separators import Piece
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.page_glance import look
from services.ingest.scan_process.patch_codes import patch_codes
from tests.batches import BLANK, BMI, INDRE, LETTER, SEP, cut, pages
from tests.foreign_sheets import code_sheet, patch_sheet
from tests.papers import ASSOCIATION, DPI, a_blank_back, a_letter, as_pdf, scanned, separator
from tests.papers import BMI as BMI_SERVICE

LABEL, DEPARTURE = "VGM1:LBL:INDRE:000045", "VGM1:DEP:36-2026-A-000123:reply"
SEP_BMI = f"{SEP}:bmi"
KINDS = [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix]
FOREIGN = replace(INDRE, foreign={"PATCH-T": None, "SEP/BMI": BMI})
NAMES = {"1": "PATCH-1", "2": "PATCH-2", "3": "PATCH-T", "4": "PATCH-4", "6": "PATCH-1"}


def names(page: Image.Image, dpi: float = DPI) -> list[str]:
    return [code.text for code in patch_codes(page, dpi)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("name", ["1", "2", "3", "4", "6", "T"])
def test_each_patch_code_is_read_however_its_sheet_lies(name: str, turn: int) -> None:
    sheet = patch_sheet(name).rotate(turn, expand=True)
    assert names(sheet) == [NAMES.get(name, "PATCH-T")]


@settings(max_examples=25, deadline=None)
@given(
    tilt=st.floats(-3, 3),
    noise=st.integers(0, 20),
    blur=st.floats(0, 1.5),
    shade=st.integers(0, 140),
    length=st.floats(2, 6),
    seed=st.integers(0, 1000),
)
def test_patch_t_is_read_as_copiers_show_it(
    tilt: float, noise: int, blur: float, shade: int, length: float, seed: int
) -> None:
    sheet = patch_sheet("T", length, shade)
    assert names(scanned(sheet, tilt=tilt, noise=noise, blur=blur, seed=seed)) == ["PATCH-T"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("body", ["", ASSOCIATION])
def test_no_letter_shows_a_patch_code(body: str, seed: int) -> None:
    letter = a_letter(body) if body else a_letter()
    page = scanned(letter, tilt=seed - 2, noise=8 * seed, blur=seed / 3, seed=seed)
    assert names(page) == []


@pytest.mark.parametrize(
    "page",
    [
        patch_sheet("T", length=1.0),
        patch_sheet("T", shade=230),
        separator(BMI_SERVICE),
        a_blank_back(),
        Image.new("L", (1, 1), 255),
        Image.new("L", (1240, 1754), 0),
    ],
)
def test_what_is_no_patch_code_is_none(page: Image.Image) -> None:
    assert names(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_codes_of_other_products_are_seen_where_a_site_names_some(
    kind: zxingcpp.BarcodeFormat, tmp_path: Path
) -> None:
    file = tmp_path / "lot.pdf"
    sheet = scanned(code_sheet("SEP/BMI", kind), tilt=1, noise=8)
    file.write_bytes(as_pdf([sheet, patch_sheet("T"), a_blank_back(), a_letter()]))
    opened = open_pages(file)
    seen = [look(opened, number, foreign=True) for number in (1, 2, 3, 4)]
    assert [[code.text for code in page.codes] for page in seen] == [
        ["SEP/BMI"], ["PATCH-T"], [], [],
    ]  # fmt: skip
    assert [page.blank for page in seen] == [False, False, True, False]
    assert [look(opened, number).codes for number in (1, 2)] == [(), ()]


def foreign(*what: str) -> list[SeenPage]:
    """As `pages`, with the codes that `FOREIGN` names beside ours."""
    ours = pages(*(LETTER if text in FOREIGN.foreign else text for text in what))
    return [
        replace(page, codes=(SeenCode(text, 20.0),)) if text in FOREIGN.foreign else page
        for page, text in zip(ours, what, strict=True)
    ]


def test_a_sheet_of_another_product_separates_names_its_service_and_stays() -> None:
    batch = foreign(LETTER, "SEP/BMI", LETTER, "PATCH-T", BLANK, LETTER, SEP, LETTER)
    assert cut(batch, FOREIGN).pieces == (
        Piece(1, 1),
        Piece(2, 3, foreign=True, home=BMI),
        Piece(4, 6, foreign=True),
        Piece(8, 8),
    )


def test_no_letter_behind_such_a_sheet_has_a_service_that_a_rule_may_hear() -> None:
    batch = foreign(SEP_BMI, LETTER, "SEP/BMI", LETTER, LABEL, LETTER, SEP_BMI, LETTER)
    assert [(p.first, p.service, p.home) for p in cut(batch, FOREIGN).pieces] == [
        (2, BMI, None),
        (3, None, BMI),
        (5, None, BMI),
        (8, BMI, None),
    ]


def test_such_a_code_hides_no_sticker_and_no_departure_of_ours_on_its_page() -> None:
    for ours, sheets in ((LABEL, FOREIGN), (DEPARTURE, replace(FOREIGN, departures=True))):
        (page,) = pages(ours)
        both = replace(page, codes=(SeenCode("SEP/BMI", 20.0), *page.codes))
        (alone,) = cut([page], sheets).pieces
        assert cut([both], sheets).pieces == (alone,)
        assert alone.label or alone.departure


def test_where_no_site_names_it_such_a_sheet_is_a_page() -> None:
    assert cut(foreign(LETTER, "PATCH-T", LETTER), INDRE).pieces == (Piece(1, 3),)


def test_such_a_sheet_before_nothing_waits_for_a_person() -> None:
    batch = foreign("PATCH-T", LETTER, "PATCH-T")
    assert [(piece.first, piece.last, piece.waits) for piece in cut(batch, FOREIGN).pieces] == [
        (1, 2, None),
        (3, 3, "scan-doubtful-sheet"),
    ]


@given(
    what=st.lists(
        st.sampled_from([LETTER, BLANK, "PATCH-T", "SEP/BMI", SEP, "VGM1:LBL:INDRE:7"]), max_size=20
    )
)
def test_no_page_is_lost_by_a_sheet_that_anybody_can_print(what: list[str]) -> None:
    cutting = cut(foreign(*what), FOREIGN)
    kept = [n for piece in cutting.pieces for n in range(piece.first, piece.last + 1)]
    assert sorted([*kept, *cutting.sheets]) == list(range(1, len(what) + 1))
    if any(text != BLANK for text in what):
        written = {n for n, text in enumerate(what, start=1) if text not in {BLANK, SEP}}
        assert written <= set(kept)
