"""The date stamp on a page: what is one, what only reads like one, and where it stands."""

from datetime import date
from pathlib import Path

import pytest

from deploy.embedded.downloads import tessdata
from services.ingest.domain import stamps
from services.ingest.domain.document import Legible
from services.ingest.domain.page_head import head_blocks
from services.ingest.domain.stamps import (
    PageWords,
    ReadStamp,
    StampBox,
    believable,
    day_in,
    stamp_of,
    upside_down,
)
from services.ingest.scan_documents import legible
from services.ingest.scan_process.stamp_place import as_scanned, stamp_region
from services.ingest.scan_process.tesseract import Tesseract
from tests.papers import a_letter
from tests.stamped_letters import a_stamped_letter

WIDE, TALL = 2480, 3508
"""An A4 page at 300 dpi."""
NOVEMBER = date(2026, 11, 12)
BOX = StampBox(0.6, 0.05, 0.8, 0.1)


def at(text: str, left: float, top: float, wide: float = 400, tall: float = 40) -> PageWords:
    return PageWords(text, left, top, left + wide, top + tall)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12 NOV. 2026", NOVEMBER),
        ("12 novembre 2026", NOVEMBER),
        ("12NOV2026", NOVEMBER),
        ("1er JUIN 2026", date(2026, 6, 1)),
        ("03 JUIL. 2026", date(2026, 7, 3)),
        ("15 AOÛT 2026", date(2026, 8, 15)),
        ("4 FÉV. 26", date(2026, 2, 4)),
        ("Reçu le 12/11/2026", NOVEMBER),
        ("REÇU LE 12.11.26", NOVEMBER),
        ("12-11-2026", NOVEMBER),
        ("30 FÉV. 2026", None),
        ("12 NOV. 2026 13 NOV. 2026", None),
        ("06 12 34 56 78", None),
        ("12/11", None),
        ("36000 CHÂTEAUROUX", None),
    ],
)
def test_a_day_is_read_as_stamps_print_it(text: str, day: date | None) -> None:
    assert day_in(text) == day


@pytest.mark.parametrize(
    "lines",
    [
        ("PRÉFECTURE DE L’INDRE", "ARRIVÉE LE", "12 NOV. 2026", "COURRIER"),
        ("COURRIER ARRIVÉ", "12 NOV. 2026"),
        ("Reçu le 12/11/2026",),
        ("Arrivé le 12 novembre 2026",),
        ("12 NOV. 2026",),
    ],
)
def test_a_stamp_is_a_few_short_lines_with_a_day(lines: tuple[str, ...]) -> None:
    stamp = [at(line, 1400, 200 + 60 * row) for row, line in enumerate(lines)]
    text = at("Votre courrier reçu le 2 octobre 2026 me demande des pièces.", 250, 1100, 1900)
    dated = at("Issoudun, le 9 novembre 2026", 1600, 765, 600)
    found = stamp_of([*stamp, dated, text], WIDE, TALL)
    assert found is not None
    assert found.day == NOVEMBER
    assert found.box.left < 1400 / WIDE < found.box.right
    last = 200 + 60 * (len(lines) - 1)
    assert found.box.top < last / TALL < found.box.bottom
    assert found.ratio == pytest.approx(TALL / WIDE)


@pytest.mark.parametrize(
    "words",
    [
        (at("Issoudun, le 9 novembre 2026", 1600, 765, 600),),
        (at("Votre courrier reçu le 2 octobre 2026 me demande", 250, 1100, 1900),),
        (at("9 novembre 2026", 1600, 765, 300),),
        (at("ARRIVÉE LE", 1400, 200), at("12 novembre 2026", 1400, 2000)),
        (at("ARRIVÉE LE", 1400, 200), at("Né le 3 mai 1961", 1400, 260)),
        (
            at("REÇU LE", 1400, 200),
            at("12/11/2026", 1400, 250),
            at("ARRIVÉE", 300, 200),
            at("13/11/2026", 300, 250),
        ),
        (),
    ],
)
def test_a_letters_own_date_a_sentence_and_two_stamps_propose_nothing(
    words: tuple[PageWords, ...],
) -> None:
    assert stamp_of(words, WIDE, TALL) is None


def test_a_page_full_of_words_of_stamps_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[str]()

    def count(text: str) -> date | None:
        read.append(text)
        return day_in(text)

    monkeypatch.setattr(stamps, "day_in", count)
    receipts = [at("reçu le 12/11/2026", 100, 20 * row, tall=10) for row in range(100)]
    found = stamp_of(receipts, WIDE, TALL)
    assert found is not None
    assert found.day == NOVEMBER
    assert len(read) == 100, "once for each place, not for each pair"
    assert stamp_of(receipts * 4, WIDE, TALL) is None, "no letter has 400 stamps"


@pytest.mark.parametrize(("width", "height"), [(50, 5200), (5200, 50)])
def test_a_page_that_is_a_strip_has_no_stamp(width: int, height: int) -> None:
    assert stamp_of([at("REÇU LE 12/11/2026", 1, 1, 20, 9)], width, height) is None


@pytest.mark.parametrize(
    ("day", "believed"),
    [
        (NOVEMBER, True),
        (date(2026, 11, 16), True),
        (date(2026, 9, 17), True),
        (date(2026, 11, 17), False),
        (date(2026, 9, 16), False),
    ],
)
def test_a_day_to_come_or_sixty_days_gone_is_not_proposed(day: date, *, believed: bool) -> None:
    stamp = ReadStamp(day, BOX)
    assert (believable(stamp, date(2026, 11, 16)) == stamp) is believed
    text = Legible(("Bonjour",), 90, stamp=stamp).as_text(date(2026, 11, 16))
    assert (text.stamp is not None) is believed


def test_a_stamp_stands_where_the_page_was_scanned() -> None:
    stamp = ReadStamp(NOVEMBER, BOX)
    assert upside_down(stamp) == ReadStamp(
        NOVEMBER, StampBox(1 - 0.8, 1 - 0.1, 1 - 0.6, 1 - 0.05), turned=True
    )
    assert as_scanned(stamp, 0) == stamp
    # The page was turned to the left to be read: where it lay, its right upper part was lower.
    lower = as_scanned(stamp, 4).box
    assert lower.top > BOX.top
    assert lower.left > 0.6
    higher = as_scanned(stamp, -4).box
    assert higher.top < BOX.top


def test_what_is_unread_high_on_the_page_is_looked_at_alone() -> None:
    frame = PageWords("", 1400, 150, 2000, 450)
    around = stamp_region([at("Bonjour", 250, 900)], [frame], (WIDE, TALL), 300)
    assert around is not None
    left, top, right, bottom = around
    assert (left < 1400, top < 150, right > 2000, bottom > 450) == (True,) * 4
    low = PageWords("", 1400, 2500, 2000, 2800)
    assert stamp_region([], [low, at(".", 300, 300, 5, 5)], (WIDE, TALL), 300) is None
    many = [at("xx", 100 * n, 200, 60) for n in range(20)]
    assert stamp_region([], many, (WIDE, TALL), 300) is None, "a page that is hard to read"


def test_two_addresses_side_by_side_are_two_blocks() -> None:
    rows = (("Camille EXEMPLE", "Préfecture de l’Indre"), ("14, rue Basse", "CS 80583"))
    words = [
        at(text, 250 + 1100 * column, 260 + 65 * row)
        for row, line in enumerate(rows)
        for column, text in enumerate(line)
    ]
    below = at("Madame, Monsieur,", 250, 2000)
    assert head_blocks([*words, below], TALL) == (
        ("Camille EXEMPLE", "14, rue Basse"),
        ("Préfecture de l’Indre", "CS 80583"),
    )


def test_the_page_behind_another_products_sheet_is_the_first_one() -> None:
    tesseract, made = Tesseract(Path(tessdata())), a_stamped_letter(5)
    sheet, letter = tesseract.read(a_letter(), 150), tesseract.read(made.picture, 200)
    read = legible([sheet, letter], 1)
    assert (read.stamp, read.head, read.first) == (letter.stamp, letter.head, 2)
    said = read.as_text(date(2026, 11, 16))
    assert said.stamp is not None
    assert (said.stamp.day, said.stamp.page) == (made.stamp, 2)
