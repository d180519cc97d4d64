"""Words that OCR read are found in the archive copy where their ink is, however the page lay."""

from datetime import date

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from deploy.embedded.downloads import tessdata
from services.ingest.scan_documents import legible
from services.ingest.scan_process.tesseract import Tesseract
from shared.paper import copy_child
from tests.papers import a_letter, as_pdf, scanned
from tests.pdf_a import wrong_in_pdf_a

DPI = 200
MONDAY = date(2026, 5, 11)


@pytest.mark.parametrize(("tilt", "on_its_head"), [(0.0, False), (2.5, False), (-1.5, True)])
def test_a_word_is_marked_over_its_ink(tilt: float, *, on_its_head: bool) -> None:
    page = scanned(a_letter(dpi=DPI), tilt=tilt, noise=4)
    if on_its_head:
        page = page.transpose(Image.Transpose.ROTATE_180)
    read = legible([Tesseract(tessdata()).read(page, DPI)]).as_text(MONDAY)
    request = {
        "do": "copy", "title": "t", "texts": read.pages, "most": 9,
        "most_pixels": 10**8, "most_octets": 10**8,
        "places": [place.model_dump() for place in read.places],
    }  # fmt: skip
    _, copy = copy_child.answer(request, as_pdf([page], DPI))
    assert wrong_in_pdf_a(copy) == []
    with pypdfium2.PdfDocument(copy) as document:
        text = document[0].get_textpage()
        assert text.get_text_range().split() == read.pages[0].split()
        shown = np.asarray(document[0].render(scale=1, grayscale=True).to_pil())
        for word in ("bienveillance", "récépissé", "Exemple"):
            start, count = text.search(word, match_case=True).get_next()
            boxes = [text.get_charbox(start + n, loose=True) for n in range(count)]
            left, right = round(min(box[0] for box in boxes)), round(max(box[2] for box in boxes))
            bottom, top = round(min(box[1] for box in boxes)), round(max(box[3] for box in boxes))
            high = len(shown)
            ink = shown[high - top : high - bottom, left:right] < 160
            assert ink.mean() > 0.08, word
            around = shown[high - top - 12 : high - top - 6, left:right] < 160
            assert around.mean() < 0.02, f"above {word} is the white between two lines"
