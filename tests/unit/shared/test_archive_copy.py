"""A copy of a scan for an archive: PDF/A-2b, its picture untouched, its words where they stand."""

import io
from collections.abc import Iterator

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from shared.content.word_places import PlacedWord, WordPlaces, pack, placed_words
from shared.paper import copy_child
from shared.paper.archive_copy import CopiedPage, archive_copy
from tests.papers import a_letter, as_image, as_pdf, as_tiff
from tests.pdf_a import wrong_in_pdf_a

A4 = (595.0, 842.0)
WORDS = (
    PlacedWord("Cœur", (0.1, 0.1, 0.2, 0.12)),
    PlacedWord("d’été", (0.22, 0.1, 0.32, 0.12)),
    PlacedWord("« 12 € »", (0.5, 0.8, 0.7, 0.82)),
)


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    return a_letter()


def shown(octets: bytes, number: int = 0, scale: float = 1) -> Image.Image:
    with pypdfium2.PdfDocument(octets) as document:
        drawn: Image.Image = document[number].render(scale=scale).to_pil().copy()
        return drawn


def words_in(octets: bytes, number: int = 0) -> str:
    with pypdfium2.PdfDocument(octets) as document:
        return str(document[number].get_textpage().get_text_range())


def where(octets: bytes, word: str) -> tuple[float, float, float, float]:
    """Left, bottom, right and top, in points, of the first place of a word that is searched."""
    with pypdfium2.PdfDocument(octets) as document:
        page = document[0].get_textpage()
        found = page.search(word, match_case=True).get_next()
        assert found is not None, word
        boxes = [page.get_charbox(found[0] + n, loose=True) for n in range(found[1])]
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip


def test_a_copy_keeps_the_clauses_of_pdf_a(letter: Image.Image) -> None:
    red = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(red).rectangle((100, 100, 300, 200), fill=(200, 20, 30))
    pages = [
        CopiedPage(letter, *A4, WORDS),
        CopiedPage(letter.convert("1"), *A4),
        CopiedPage(red, 300, 400, WORDS),
        CopiedPage(Image.new("L", (1, 9)), 0.1, 90_000),
    ]
    made = archive_copy("36-2026-A-000001 <&>\x07", pages)
    assert wrong_in_pdf_a(made) == []
    assert made == archive_copy("36-2026-A-000001 <&>\x07", pages), "the same octets each time"
    assert b"36-2026-A-000001 &lt;&amp;&gt;</rdf:li>" in made


def test_the_clauses_are_no_matter_of_course(letter: Image.Image) -> None:
    wrong = wrong_in_pdf_a(as_pdf([letter]))
    assert "6.6.2.1: it has no XMP" in wrong
    assert "6.2.3: it has no output intent" in wrong


def test_words_are_found_where_they_stand_and_nothing_of_them_is_seen(letter: Image.Image) -> None:
    bare, made = (archive_copy("t", [CopiedPage(letter, *A4, of)]) for of in ((), WORDS))
    assert words_in(made).split() == ["Cœur", "d’été", "«", "12", "€", "»"]
    assert where(made, "Cœur") == pytest.approx((59.5, 741, 119, 757.8), abs=1)
    assert where(made, "12 €") == pytest.approx((327, 151.6, 387, 168.4), abs=1)
    assert ImageChops.difference(shown(bare), shown(made)).getbbox() is None


def test_what_no_font_has_is_a_mark_and_what_is_no_word_stops_nothing(letter: Image.Image) -> None:
    odd = ["\U0001f600", "a\x00b", "", "x" * 5_000, "ж中"]
    words = [PlacedWord(text, (0.1, 0.1, 0.1, 0.1)) for text in odd]
    made = archive_copy("t", [CopiedPage(letter, *A4, words)])
    assert wrong_in_pdf_a(made) == []
    assert "ж中" in words_in(made)


def test_the_picture_stays_what_it_was(letter: Image.Image) -> None:
    fax = letter.convert("1")
    made = archive_copy("t", [CopiedPage(fax, fax.width * 0.48, fax.height * 0.48)])
    with pypdfium2.PdfDocument(made) as document:
        (picture,) = document[0].get_objects(filter=[FPDF_PAGEOBJ_IMAGE])
        again = picture.get_bitmap().to_pil().convert("1")
    assert ImageChops.difference(again, fax).getbbox() is None, "each point of a fax"
    red = Image.new("RGB", (600, 800), (200, 20, 30))
    drawn = np.asarray(shown(archive_copy("t", [CopiedPage(red, 600, 800)])).convert("RGB"))
    assert drawn[400, 300].tolist() == pytest.approx([200, 20, 30], abs=4)


def test_a_copy_has_a_page_at_least() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        archive_copy("t", [])


def test_a_copy_that_grows_too_large_is_given_up_at_that_page(letter: Image.Image) -> None:
    taken = list[int]()

    def pages() -> Iterator[CopiedPage]:
        for number in range(9):
            taken.append(number)
            yield CopiedPage(letter, *A4)

    one = len(archive_copy("t", [CopiedPage(letter, *A4)]))
    with pytest.raises(ValueError, match=r"^$"):
        archive_copy("t", pages(), most=round(2.5 * one))
    assert taken == [0, 1, 2]


def copied(octets: bytes, texts: list[str], places: list[WordPlaces], **more: int) -> bytes | None:
    request = {
        "do": "copy", "title": "t", "texts": texts, "most": 300, "most_pixels": 10**8,
        "most_octets": 10**8,
        "places": [place.model_dump() for place in places],
    }  # fmt: skip
    there, made = copy_child.answer(request | more, octets)
    return made if there else None


@pytest.mark.parametrize("kind", ["pdf", "tiff", "jpeg", "png"])
def test_a_scan_of_any_kind_is_copied_in_its_size(letter: Image.Image, kind: str) -> None:
    octets = {
        "pdf": lambda: as_pdf([letter]),
        "tiff": lambda: as_tiff([letter]),
        "jpeg": lambda: as_image(letter, "JPEG"),
        "png": lambda: as_image(letter, "PNG"),
    }[kind]()
    places = WordPlaces(boxes=pack([word.box for word in WORDS[:2]]))
    made = copied(octets, ["Cœur d’été"], [places])
    assert made is not None
    assert wrong_in_pdf_a(made) == []
    assert shown(made).size == pytest.approx((595, 842), abs=2)
    assert words_in(made).split() == ["Cœur", "d’été"]


def test_a_page_on_its_head_is_set_upright_with_its_words() -> None:
    page = Image.new("L", (1240, 1754), 255)
    page.paste(0, (0, 0, 300, 100))  # upper left as scanned, where its last word stands
    places = WordPlaces(boxes=pack([(0.8, 0.9, 0.9, 0.92), (0, 0, 0.2, 0.05)]), turned=True)
    made = copied(as_pdf([page]), ["un deux"], [places])
    assert made is not None
    assert words_in(made).split() == ["un", "deux"]
    assert where(made, "un") == pytest.approx((59.5, 758, 119, 774), abs=2)
    assert np.asarray(shown(made).convert("L"))[-20, -20] < 30
    assert np.asarray(shown(made).convert("L"))[20, 20] > 220


def test_what_is_too_much_or_no_scan_is_not_copied(letter: Image.Image) -> None:
    assert copied(as_pdf([letter, letter]), [], [], most=1) is None
    assert copied(as_image(letter, "PNG"), [], [], most_pixels=10) is None
    assert copied(as_pdf([letter]), [], [], most_octets=1_000) is None
    assert copied(b"%PDF-1.7 nothing", [], []) is None
    assert copied(b"From: somebody", [], []) is None
    assert copied(as_pdf([letter, letter]), ["a"], [WordPlaces()]) is not None


def test_words_and_places_that_do_not_agree_are_none() -> None:
    boxes = [(0.1, 0.25, 0.3, 0.4), (-1.0, 0.0, 2.0, 1.0)]
    places = WordPlaces(boxes=pack(boxes))
    first, second = placed_words(" un\n\ndeux ", places)
    assert (first.text, second.text) == ("un", "deux")
    assert first.box == pytest.approx(boxes[0], abs=1e-4)
    assert second.box == (0, 0, 1, 1)
    for text, wrong in [
        ("un", places), ("un deux trois", places), ("un", WordPlaces()),
        ("un", WordPlaces(boxes="é")), ("un", WordPlaces(boxes="AAAA")),
    ]:  # fmt: skip
        assert placed_words(text, wrong) == ()
    assert placed_words("", WordPlaces()) == ()


def test_a_photo_is_copied_as_it_was_held() -> None:
    photo, out = Image.new("RGB", (400, 300), "white"), io.BytesIO()
    said = Image.Exif()
    said[0x0112] = 6  # to be turned clockwise by 90 degrees
    photo.save(out, "JPEG", exif=said, dpi=(100, 100))
    made = copied(out.getvalue(), [], [])
    assert made is not None
    assert shown(made).size == pytest.approx((216, 288), abs=1)
