"""Where one letter ends and the next begins (DOMAIN §6, scan separators)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.ingest.domain.document import PaperDeparture
from services.ingest.domain.page_codes import SeenCode, SeenPage
from services.ingest.domain.separators import Piece
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import CodeKeys, FormerSecret
from shared.paper.codes import SeparatorCode
from tests.batches import (
    BLANK,
    BMI,
    FAINT,
    INDRE,
    LETTER,
    SENT,
    SEP,
    TODAY,
    UNSIGNED,
    WRITTEN,
    cut,
    pages,
)
from tests.code_keys import KEYS, SECRET


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


def test_the_sheet_of_a_service_that_is_gone_separates_and_what_follows_has_no_service() -> None:
    batch = pages("VGM1:SEP:INDRE:BMI", LETTER, "VGM1:SEP:INDRE:CLOSED", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(2, 2, service=BMI), Piece(4, 4))


@pytest.mark.parametrize(
    "sheet",
    [
        "VGM1:SEP:CHER:BMI",
        "VGM1:SEP:CHER",
        "VGM1:DAY:CHER:2026-05-11",
        "unsigned VGM1:SEP:INDRE:BMI",
        "unsigned VGM1:DAY:INDRE:1901-01-01",
        "VGM1:SEP:INDRE:BMI/AAAAAAAAAAAAA",
    ],
)
def test_a_sheet_that_proves_nothing_separates_and_no_page_of_it_is_lost(sheet: str) -> None:
    batch = pages("VGM1:SEP:INDRE:BMI", LETTER, sheet, LETTER)
    cutting = cut(batch, INDRE)
    assert cutting.pieces == (Piece(2, 2, service=BMI), Piece(3, 4))
    assert cutting.sheets == (1,)
    assert cutting.waits is None


def test_both_sides_of_a_sheet_that_proves_nothing_begin_the_letter_behind_it() -> None:
    batch = pages("VGM1:SEP:CHER", "VGM1:SEP:CHER", BLANK, "VGM1:LBL:INDRE:7", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(1, 5, label="000007"),)


def test_a_sheet_that_proves_nothing_and_heads_no_letter_waits_for_a_person() -> None:
    batch = pages(LETTER, "VGM1:SEP:CHER", BLANK, "VGM1:SEP:INDRE:BMI", LETTER)
    assert cut(batch, INDRE).pieces == (
        Piece(1, 1),
        Piece(2, 3, waits="scan-doubtful-sheet"),
        Piece(5, 5, service=BMI),
    )


@pytest.mark.parametrize("code", ["VGM1:SEP:INDRE:BMI", "unsigned VGM1:SEP:INDRE:BMI"])
def test_a_code_in_a_strangers_letter_takes_no_page_of_it_away(code: str) -> None:
    cutting = cut(pages(LETTER, WRITTEN + code, LETTER), INDRE)
    service = None if UNSIGNED in code else BMI
    assert cutting.pieces == (Piece(1, 1), Piece(2, 3, service=service))
    assert cutting.sheets == ()


def test_letters_on_the_backs_of_old_sheets_are_a_letter_each() -> None:
    batch = pages("written on VGM1:SEP:INDRE", "written on VGM1:SEP:INDRE", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(1, 1), Piece(2, 3))


def test_a_sticker_that_proves_nothing_separates_and_names_nothing() -> None:
    batch = pages(LETTER, "unsigned VGM1:LBL:INDRE:7", LETTER)
    assert cut(batch, INDRE).pieces == (Piece(1, 1), Piece(2, 3))


@pytest.mark.parametrize(
    "batch",
    [
        ["VGM1:DAY:INDRE:2026-05-11", "VGM1:DAY:INDRE:2026-05-11", LETTER],
        [BLANK, "VGM1:DAY:INDRE:2026-05-11", BLANK, LETTER],
        ["VGM1:DAY:INDRE:2026-05-07", LETTER],
        ["VGM1:DAY:INDRE:2026-05-12", LETTER],
    ],
)
def test_a_sheet_of_these_days_at_the_head_dates_its_batch(batch: list[str]) -> None:
    cutting = cut(pages(*batch), INDRE)
    assert cutting.waits is None
    assert [piece.day is not None for piece in cutting.pieces] == [True]


@pytest.mark.parametrize(
    "batch",
    [
        [LETTER, "VGM1:DAY:INDRE:2026-05-11", LETTER],
        ["VGM1:SEP:INDRE:BMI", "VGM1:DAY:INDRE:2026-05-11", LETTER],
        ["VGM1:DAY:INDRE:2026-05-11", LETTER, "VGM1:DAY:INDRE:2026-05-11", LETTER],
        ["VGM1:DAY:INDRE:2026-05-11", "VGM1:DAY:INDRE:2026-05-12", LETTER],
        [LETTER, "written on VGM1:DAY:INDRE:2026-05-11"],
    ],
)
def test_a_sheet_of_the_day_that_is_not_the_head_keeps_the_batch_waiting(batch: list[str]) -> None:
    assert cut(pages(*batch), INDRE).waits == "scan-day-sheet-misplaced"


@pytest.mark.parametrize("day", ["1901-01-01", "2026-05-06", "2026-05-13"])
def test_a_sheet_of_another_day_keeps_the_batch_waiting(day: str) -> None:
    batch = pages(f"VGM1:DAY:INDRE:{day}", LETTER)
    assert cut(batch, INDRE).waits == "scan-day-sheet-not-of-today"


def test_sheets_without_signature_are_believed_until_their_day() -> None:
    batch = pages("unsigned VGM1:SEP:INDRE:BMI", LETTER)
    until = replace(INDRE, keys=replace(KEYS, unsigned_until=TODAY))
    assert cut(batch, until).pieces == (Piece(2, 2, service=BMI),)
    after = replace(INDRE, keys=replace(KEYS, unsigned_until=date(2026, 5, 11)))
    assert cut(batch, after).pieces == (Piece(1, 2),)


def test_sheets_of_a_replaced_key_are_believed_until_its_day() -> None:
    code = KEYS.write(SeparatorCode("indre", BMI))
    batch = [SeenPage(1, (SeenCode(code, 90.0),)), SeenPage(2)]
    former = FormerSecret(secret=SecretStr(SECRET), until=TODAY)
    now = CodeKeys.of("indre", SecretStr("a new one"), [former])
    assert cut(batch, replace(INDRE, keys=now)).pieces == (Piece(2, 2, service=BMI),)
    late = former.model_copy(update={"until": date(2026, 5, 11)})
    over = CodeKeys.of("indre", SecretStr("a new one"), [late])
    assert cut(batch, replace(INDRE, keys=over)).pieces == (Piece(1, 2),)


@pytest.mark.parametrize("code", ["VGM1:LBL:CHER:7", "https://example.org", "VGM1:LBL:INDRE:x"])
def test_a_code_that_is_not_ours_is_part_of_the_letter(code: str) -> None:
    assert cut(pages(LETTER, code, LETTER), INDRE).pieces == (Piece(1, 3),)


def test_a_small_picture_of_our_sheet_on_a_letter_takes_no_page_away() -> None:
    copied = SeenPage(2, (SeenCode(KEYS.write(SeparatorCode("indre", BMI)), 25.0),))
    assert cut([SeenPage(1), copied], INDRE).pieces == (Piece(1, 2),)


def test_our_own_letter_sent_back_by_somebody_is_no_departure() -> None:
    batch = pages(LETTER, "VGM1:DEP:36-2026-A-000123:REPLY")
    assert cut(batch, INDRE).pieces == (Piece(1, 2, named=frozenset({Chrono("36-2026-A-000123")})),)


def test_each_letter_of_a_batch_names_the_item_of_its_own_pages() -> None:
    ours = "VGM1:DEP:36-2026-A-00012{}:REPLY"
    batch = pages(LETTER, ours.format(3), SEP, LETTER, SEP, ours.format(4), ours.format(5))
    named = [piece.named for piece in cut(batch, INDRE).pieces]
    assert named == [{"36-2026-A-000123"}, set(), {"36-2026-A-000124", "36-2026-A-000125"}]


def test_in_the_folder_of_departures_each_code_begins_an_outgoing_letter() -> None:
    batch = pages(
        "VGM1:DEP:36-2026-A-000123:REPLY",
        LETTER,
        "VGM1:DEP:36-2026-A-000124:HOLDING_REPLY",
        "VGM1:DEP:18-2026-A-000001:REPLY",
    )
    assert cut(batch, SENT).pieces == (
        Piece(1, 2, departure=PaperDeparture(Chrono("36-2026-A-000123"), NoticeKind.REPLY)),
        Piece(3, 4, departure=PaperDeparture(Chrono("36-2026-A-000124"), NoticeKind.HOLDING_REPLY)),
    )


def test_an_outgoing_code_that_proves_nothing_begins_a_letter_and_says_nothing_left() -> None:
    batch = pages(LETTER, "unsigned VGM1:DEP:36-2026-A-000123:REPLY", LETTER)
    assert cut(batch, SENT).pieces == (Piece(1, 1), Piece(2, 3))


@pytest.mark.parametrize("batch", [[BLANK, BLANK], ["VGM1:SEP:INDRE", BLANK, "VGM1:SEP:INDRE:BMI"]])
def test_sheets_and_blank_pages_alone_are_no_letter(batch: list[str]) -> None:
    assert cut(pages(*batch), INDRE).pieces == ()


KINDS = st.sampled_from(
    [
        LETTER,
        BLANK,
        FAINT,
        "VGM1:SEP:INDRE:BMI",
        "VGM1:SEP:CHER",
        "VGM1:DAY:INDRE:2026-05-11",
        "VGM1:LBL:INDRE:7",
        "VGM1:LBL:INDRE:8",
        "VGM1:LBL:INDRE:7 + VGM1:LBL:INDRE:8",
        "VGM1:DEP:36-2026-A-000123:REPLY",
        "unsigned VGM1:SEP:INDRE:BMI",
        "unsigned VGM1:LBL:INDRE:7",
        "written on VGM1:SEP:INDRE:BMI",
        "written on unsigned VGM1:DAY:INDRE:2026-05-11",
        "rien",
    ]
)


def _bears_words(what: str) -> bool:
    return what in {LETTER, FAINT, "rien"} or WRITTEN in what or UNSIGNED in what or "CHER" in what


@given(what=st.lists(KINDS, max_size=30), departures=st.booleans())
def test_every_page_is_in_one_document_or_a_sheet_and_order_is_kept(
    what: list[str], *, departures: bool
) -> None:
    batch = pages(*what)
    cutting = cut(batch, SENT if departures else INDRE)
    in_pieces = [n for piece in cutting.pieces for n in range(piece.first, piece.last + 1)]
    assert in_pieces == sorted(in_pieces)
    assert sorted(in_pieces + list(cutting.sheets)) == [page.number for page in batch]
    written = {page.number for page in batch if _bears_words(what[page.number - 1])}
    assert written <= set(in_pieces)
    if not all(page.blank for page in batch):
        sheets = {page.number for page in batch if page.codes} - set(in_pieces)
        backs = {n for n in cutting.sheets if batch[n - 1].blank}
        assert all({n - 1, n + 1} & sheets for n in backs), "a back has a sheet beside it"
