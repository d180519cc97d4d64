"""Where one letter ends and the next begins (DOMAIN §6, scan separators)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.document import Departure
from services.ingest.domain.separators import Piece, SeenCode, SeenPage, Sheets, cut
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.words import NoticeKind

INDRE = Sheets("indre", "36", frozenset({ServiceId("bmi"), ServiceId("drcl")}))
SENT = Sheets("indre", "36", INDRE.services, departures=True)
BMI = ServiceId("bmi")

BLANK = "blank"
LETTER = "letter"


def pages(*what: str) -> list[SeenPage]:
    """Pages that are blank, written, or bear a code: sheets are wide, stickers small."""
    return [a_page(number, one) for number, one in enumerate(what, start=1)]


def a_page(number: int, what: str) -> SeenPage:
    if what == BLANK:
        return SeenPage(number, blank=True)
    if what == LETTER:
        return SeenPage(number)
    codes = what.split(" + ")
    wide = ("VGM1:SEP", "VGM1:DAY")
    return SeenPage(
        number, tuple(SeenCode(text, 90.0 if text.startswith(wide) else 14.0) for text in codes)
    )


def test_a_file_without_any_sheet_is_one_document() -> None:
    cutting = cut(pages(LETTER, LETTER, BLANK), INDRE)
    assert cutting.pieces == (Piece(1, 3),)
    assert cutting.sheets == ()


def test_a_sheet_separates_and_names_the_service_of_what_follows() -> None:
    cutting = cut(pages("VGM1:SEP:INDRE:BMI", LETTER, LETTER, "VGM1:SEP:INDRE", LETTER), INDRE)
    assert cutting.pieces == (Piece(2, 3, service=BMI), Piece(5, 5))
    assert cutting.sheets == (1, 4)


def test_the_sheet_of_the_day_dates_every_letter_of_the_batch() -> None:
    batch = pages("VGM1:DAY:INDRE:2026-05-11", LETTER, "VGM1:SEP:INDRE:BMI", LETTER, LETTER)
    day = date(2026, 5, 11)
    assert cut(batch, INDRE).pieces == (Piece(2, 2, day=day), Piece(4, 5, service=BMI, day=day))


def test_a_label_on_page_one_separates_and_names_the_paper() -> None:
    batch = pages(
        "VGM1:SEP:INDRE:BMI", "VGM1:LBL:INDRE:7", LETTER, "VGM1:LBL:INDRE:8", "VGM1:LBL:INDRE:9"
    )
    assert cut(batch, INDRE).pieces == (
        Piece(2, 3, service=BMI, label="000007"),
        Piece(4, 4, service=BMI, label="000008"),
        Piece(5, 5, service=BMI, label="000009"),
    )


def test_the_same_label_on_two_pages_running_is_one_letter() -> None:
    batch = pages("VGM1:LBL:INDRE:7", "VGM1:LBL:INDRE:7", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(1, 3, label="000007"),)


def test_each_form_of_the_public_is_a_letter_without_any_sheet_between() -> None:
    cutting = cut(pages("VGM1:FRM:INDRE", BLANK, "VGM1:FRM:INDRE", LETTER, "VGM1:FRM:CHER"), INDRE)
    assert cutting.pieces == (Piece(1, 2, form=True), Piece(3, 5, form=True))


def test_two_stickers_on_one_page_separate_and_a_person_says_which_counts() -> None:
    batch = pages(LETTER, "VGM1:LBL:INDRE:7 + VGM1:LBL:INDRE:8", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(1, 1), Piece(2, 3))


def test_the_blank_back_of_a_sheet_goes_with_the_sheet() -> None:
    cutting = cut(pages("VGM1:SEP:INDRE:BMI", BLANK, LETTER, BLANK, "VGM1:SEP:INDRE", BLANK), INDRE)
    assert cutting.pieces == (Piece(3, 4, service=BMI),)
    assert cutting.sheets == (1, 2, 5, 6)


def test_a_sheet_printed_on_both_sides_separates_once() -> None:
    batch = pages(LETTER, "VGM1:SEP:INDRE:BMI", "VGM1:SEP:INDRE:BMI", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(1, 1), Piece(4, 4, service=BMI))


@pytest.mark.parametrize("sheet", ["VGM1:SEP:CHER:BMI", "VGM1:SEP:INDRE:CLOSED", "VGM1:SEP:CHER"])
def test_a_foreign_sheet_separates_and_what_follows_has_no_service(sheet: str) -> None:
    batch = pages("VGM1:SEP:INDRE:BMI", LETTER, sheet, LETTER)
    assert cut(batch, INDRE).pieces == (Piece(2, 2, service=BMI), Piece(4, 4))


def test_the_day_of_another_prefecture_is_not_believed() -> None:
    assert cut(pages("VGM1:DAY:CHER:2026-05-11", LETTER), INDRE).pieces == (Piece(2, 2),)


@pytest.mark.parametrize("code", ["VGM1:LBL:CHER:7", "https://example.org", "VGM1:LBL:INDRE:x"])
def test_a_code_that_is_not_ours_is_part_of_the_letter(code: str) -> None:
    assert cut(pages(LETTER, code, LETTER), INDRE).pieces == (Piece(1, 3),)


def test_a_small_picture_of_our_sheet_on_a_letter_takes_no_page_away() -> None:
    copied = SeenPage(2, (SeenCode("VGM1:SEP:INDRE:BMI", 25.0),))
    assert cut([SeenPage(1), copied], INDRE).pieces == (Piece(1, 2),)


def test_our_own_letter_sent_back_by_somebody_is_no_departure() -> None:
    batch = pages(LETTER, "VGM1:DEP:36-2026-A-000123:REPLY")
    assert cut(batch, INDRE).pieces == (Piece(1, 2),)


def test_in_the_folder_of_departures_each_code_begins_an_outgoing_letter() -> None:
    batch = pages(
        "VGM1:DEP:36-2026-A-000123:REPLY",
        LETTER,
        "VGM1:DEP:36-2026-A-000124:HOLDING_REPLY",
        "VGM1:DEP:18-2026-A-000001:REPLY",
    )
    assert cut(batch, SENT).pieces == (
        Piece(1, 2, departure=Departure(Chrono("36-2026-A-000123"), NoticeKind.REPLY)),
        Piece(3, 4, departure=Departure(Chrono("36-2026-A-000124"), NoticeKind.HOLDING_REPLY)),
    )


@pytest.mark.parametrize("batch", [[BLANK, BLANK], ["VGM1:SEP:INDRE", BLANK, "VGM1:SEP:INDRE:BMI"]])
def test_sheets_and_blank_pages_alone_are_no_letter(batch: list[str]) -> None:
    assert cut(pages(*batch), INDRE).pieces == ()


KINDS = st.sampled_from(
    [
        LETTER,
        BLANK,
        "VGM1:SEP:INDRE:BMI",
        "VGM1:SEP:CHER",
        "VGM1:DAY:INDRE:2026-05-11",
        "VGM1:LBL:INDRE:7",
        "VGM1:LBL:INDRE:8",
        "VGM1:LBL:INDRE:7 + VGM1:LBL:INDRE:8",
        "VGM1:DEP:36-2026-A-000123:REPLY",
        "rien",
    ]
)


@given(what=st.lists(KINDS, max_size=30), departures=st.booleans())
def test_every_page_is_in_one_document_or_a_sheet_and_order_is_kept(
    what: list[str], *, departures: bool
) -> None:
    batch = pages(*what)
    cutting = cut(batch, SENT if departures else INDRE)
    in_pieces = [n for piece in cutting.pieces for n in range(piece.first, piece.last + 1)]
    assert in_pieces == sorted(in_pieces)
    assert sorted(in_pieces + list(cutting.sheets)) == [page.number for page in batch]
    written = {page.number for page in batch if what[page.number - 1] in {LETTER, "rien"}}
    assert written <= set(in_pieces)
