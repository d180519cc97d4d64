"""The text layer of a PDF, and whether it can be believed without looking at the picture.

A layer is a stranger's word about a picture: a copier's OCR, fonts whose letters are other signs, a
page that is one photo, words that nobody sees. A page with few words, with signs that are no
letters, covered by pictures for a third, or that shows other than it says (page_picture.py), is
read by OCR as well, and rules see both.
"""

import re
import time

import pypdfium2
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from services.ingest.attachment_process.containers import MOST_TEXT
from services.ingest.attachment_process.page_picture import disagrees

MOST_PAGES = 200
_MOST_DRAWN = 40
"""Pages that are held against their picture: as many as OCR reads."""
_DRAWING_SECONDS = 1.0
"""Of a processor, after which the pages not drawn yet are doubted: the reader has three."""
_FEW_WORDS = 8
_COVERED = 0.3
_ODD = 0.1
_ODD_LETTER = re.compile("[\ufffd\ue000-\uf8ff]")
_DEEPEST = 3
BROKEN = (pypdfium2.PdfiumError, OSError, ValueError, MemoryError)


def layer(octets: bytes) -> tuple[str, bool]:
    """Returns the text layer of a PDF, and whether it is in doubt, so that OCR must read the pages.

    Of a long PDF only the first pages are looked at. Raises one of `BROKEN` when it can't be
    opened.
    """
    document = pypdfium2.PdfDocument(octets)
    try:
        texts, doubtful = list[str](), False
        begun = time.process_time()
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            written = page.get_textpage()
            text = written.get_text_bounded().replace("\r\n", "\n")
            doubtful = doubtful or _is_doubtful(page, text)
            if not doubtful and number < _MOST_DRAWN:
                late = time.process_time() - begun > _DRAWING_SECONDS
                doubtful = late or disagrees(page, written)
            texts.append(text.replace("\x02", "").replace("\ufffe", ""))
            if sum(map(len, texts)) > MOST_TEXT:
                break
        return "\n\n".join(texts)[:MOST_TEXT].strip(), doubtful
    finally:
        document.close()


def _is_doubtful(page: pypdfium2.PdfPage, text: str) -> bool:
    words = text.split()
    if len(words) < _FEW_WORDS:
        return True
    odd = sum(1 for _ in _ODD_LETTER.finditer(text))
    return odd > _ODD * sum(map(len, words)) or _covered(page) > _COVERED


def _covered(page: pypdfium2.PdfPage) -> float:
    """The share of the page that its pictures cover, at most each one whole."""
    width, height = page.get_size()
    covered = 0.0
    for image in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST):
        left, bottom, right, top = image.get_bounds()
        across = max(0.0, min(right, width) - max(left, 0.0))
        covered += across * max(0.0, min(top, height) - max(bottom, 0.0))
    return covered / (width * height) if width * height else 1.0
