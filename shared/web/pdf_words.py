"""Words of a PDF's own text and where they stand on its pages, for marks over their pictures.

A stranger's word about a page: good enough to mark a place on the picture, never to judge by.
"""

import ctypes
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pypdfium2
from pypdfium2.raw import FPDF_PageToDevice, FPDFText_GetText

from shared.content.word_places import WordBox, pack

MOST_SECONDS: Final = 2.0
"""Of a processor, after which further pages have no words: the child has ten."""
MOST_LETTERS: Final = 50_000
"""Of a page; what has more is no letter, and has no words."""
_FINE: Final = 60_000
_WORD = re.compile(r"\S+")


def pdf_words(
    request: Mapping[str, Any], octets: bytes
) -> tuple[Sequence[Mapping[str, str]] | None, bytes]:
    """Answers with `text` and `boxes` of a PDF's first pages, in order (foreign_child.py).

    At most `request["most"]` pages, fewer where they take long; `None` if it can't be opened. A
    page without text of its own, or that has letters of more than sixteen bits, has no words.
    """
    try:
        return _pages(octets, request["most"]), b""
    except (pypdfium2.PdfiumError, OSError, ValueError):
        return None, b""


def _pages(octets: bytes, most: int) -> Sequence[Mapping[str, str]]:
    begun, found = time.process_time(), list[Mapping[str, str]]()
    document = pypdfium2.PdfDocument(octets)
    try:
        for number in range(min(len(document), most)):
            if time.process_time() - begun > MOST_SECONDS:
                break
            page = document[number]
            written = page.get_textpage()
            text = _text(written)
            boxes = pack(_boxes(page, written, text))
            found.append({"text": text.replace("\r\n", "\n"), "boxes": boxes})
            written.close()
            page.close()
    finally:
        document.close()
    return found


def _text(written: pypdfium2.PdfTextPage) -> str:
    """Each letter at the place of its number, or nothing."""
    count = written.count_chars()
    if not 0 < count <= MOST_LETTERS:
        return ""
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    units = FPDFText_GetText(
        written, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
    )
    text = buffer.raw[: 2 * (units - 1)].decode("utf-16-le", "replace")
    return text if len(text) == count else ""


def _boxes(page: pypdfium2.PdfPage, written: pypdfium2.PdfTextPage, text: str) -> Iterator[WordBox]:
    """From the first letter of each word to its last, as the page is drawn."""
    for word in _WORD.finditer(text):
        first, last = (
            written.get_charbox(letter, loose=True) for letter in (word.start(), word.end() - 1)
        )
        points = [
            _drawn(page, x, y)
            for left, bottom, right, top in (first, last)
            for x, y in ((left, bottom), (right, top))
        ]
        across, down = [x for x, _ in points], [y for _, y in points]
        yield min(across), min(down), max(across), max(down)


def _drawn(page: Any, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE
