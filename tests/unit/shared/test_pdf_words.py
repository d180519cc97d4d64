"""Words of a PDF's own text stand over their ink, however the page is turned."""

import io
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest

from shared.content.word_places import WordPlaces, placed_words
from shared.web import foreign_child
from tests.attached_files import pdf
from tests.papers import a_letter, as_pdf


def turned(octets: bytes, degrees: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(octets)) as document:
        document.pages[0].Rotate = degrees
        document.save(out)
    return out.getvalue()


def words_of(octets: bytes, most: int = 3) -> Any:
    """As the child says them, of at most so many pages."""
    said, nothing = foreign_child.answer({"do": "words", "most": most}, octets)
    assert nothing == b""
    return said


@pytest.mark.parametrize("degrees", [0, 90, 180])
def test_each_word_stands_over_its_ink(degrees: int) -> None:
    octets = turned(pdf("Mon titre de séjour\nest périmé, œuvre."), degrees)
    (page,) = words_of(octets)
    words = placed_words(page["text"], WordPlaces(boxes=page["boxes"]))
    said = {"Mon", "titre", "de", "séjour", "est", "périmé,", "œuvre."}
    assert {word.text for word in words} == said
    with pypdfium2.PdfDocument(octets) as document:
        shown = np.asarray(document[0].render(scale=2, grayscale=True).to_pil()) < 160
    high, wide = shown.shape
    explained = np.zeros_like(shown)
    for word in words:
        left, top, right, bottom = word.box
        rows = slice(round(top * high), round(bottom * high))
        part = rows, slice(round(left * wide), round(right * wide))
        assert shown[part].mean() > 0.08, word.text
        explained[part] = True
    assert not (shown & ~explained).sum() > 0.02 * shown.sum(), "and no ink is left"


def test_a_page_without_a_text_of_its_own_has_no_words_and_no_other_file_has_pages() -> None:
    assert words_of(as_pdf([a_letter("Bonjour")])) == [{"text": "", "boxes": ""}]
    assert words_of(b"%PDF-1.7 torn") is None
    assert words_of(pdf("Bonjour"), most=0) == []
