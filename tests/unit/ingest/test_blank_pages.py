"""A blank page is a sheet's back, somebody's page, or waits for a person: never nothing."""

from datetime import date

import pytest

from services.ingest.domain.separators import Piece
from tests.batches import BLANK, FAINT, INDRE, LETTER, SEP, cut, pages


@pytest.mark.parametrize(
    ("batch", "waits", "letters"),
    [
        # Scanned on one side: nothing says that a blank page is a sheet's back.
        ([SEP, BLANK, SEP, LETTER], [(2, 2)], [(4, 4)]),
        ([SEP, LETTER, SEP, BLANK], [(4, 4)], [(2, 2)]),
        ([SEP, LETTER, SEP, BLANK, BLANK, SEP, LETTER], [(4, 5)], [(2, 2), (7, 7)]),
        ([BLANK, BLANK, SEP, LETTER], [(1, 2)], [(4, 4)]),
        # Whatever the sides: what is fainter than ink and says no word is no sheet's back.
        ([SEP, FAINT, SEP, BLANK, LETTER, BLANK], [(2, 2)], [(4, 6)]),
        ([SEP, FAINT, SEP, LETTER], [(2, 2)], [(4, 4)]),
        ([SEP, FAINT], [(2, 2)], []),
        ([FAINT, FAINT], [(1, 2)], []),
        # On both sides, two leaves: the second is nobody's back.
        ([SEP, BLANK, BLANK, BLANK, SEP, BLANK, LETTER, BLANK], [(3, 4)], [(7, 8)]),
    ],
)
def test_what_looks_blank_and_is_no_sheets_back_waits_for_a_person(
    batch: list[str], waits: list[tuple[int, int]], letters: list[tuple[int, int]]
) -> None:
    pieces = cut(pages(*batch), INDRE).pieces
    assert [(p.first, p.last) for p in pieces if p.waits == "scan-blank"] == waits
    assert [(p.first, p.last) for p in pieces if p.waits is None] == letters


def test_scanned_on_one_side_a_blank_page_before_a_letter_stays_with_it() -> None:
    batch = pages(SEP, LETTER, SEP, BLANK, LETTER, SEP, BLANK, "VGM1:LBL:INDRE:7")
    assert cut(batch, INDRE).pieces == (Piece(2, 2), Piece(4, 5), Piece(7, 8, label="000007"))


def test_a_blank_page_behind_the_sheet_of_the_day_is_its_back() -> None:
    batch = pages("VGM1:DAY:INDRE:2026-05-11", BLANK, SEP, LETTER)
    assert cut(batch, INDRE).pieces == (Piece(4, 4, day=date(2026, 5, 11)),)


def test_sheets_fed_twice_and_left_at_the_end_are_no_letters() -> None:
    batch = pages(SEP, BLANK, SEP, BLANK, LETTER, BLANK, SEP, BLANK)
    assert cut(batch, INDRE).pieces == (Piece(5, 6),)
