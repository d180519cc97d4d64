"""The program of the child that makes archive copies of scans (platform/child.py).

{"do": "copy", "title": "…", "texts": ["…"], "places": [{"boxes": "…", "turned": false}], …}
    a PDF, TIFF, JPEG or PNG → true, and the octets of a PDF/A-2b
    what is none, or too large → null
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from shared.content.word_places import PlacedWord, WordPlaces, pack, placed_words
from shared.paper.archive_copy import CopiedPage, archive_copy

_DPI: Final = 300
_MOST_DRAWN: Final = 20_000_000
"""Pixels of a page in the copy: A3 at 300 dpi has 17 million."""
_COARSEST, _FINEST = 72, 1_200
_A4_INCHES: Final = 8.27
_BROKEN: Final = (
    *(OSError, ValueError, EOFError, SyntaxError, pypdfium2.PdfiumError),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


def answer(request: Mapping[str, Any], octets: bytes) -> tuple[object, bytes]:
    """Answers, in the sandboxed child process, a request of `shared/web/foreign_files.py`."""
    texts = request["texts"]
    places = [WordPlaces.model_validate(place) for place in request["places"]]
    drawn = _of_pdf(octets) if octets[:5] == b"%PDF-" else _of_image(octets, request["most_pixels"])
    try:
        pages = _packed(drawn, texts, places, request["most"])
        return True, archive_copy(request["title"], pages, request["most_octets"])
    except _BROKEN:
        return None, b""


class _TooLargeError(ValueError):
    """It has more pages, or a larger one, than a copy may have."""


def _packed(
    drawn: Iterator[CopiedPage], texts: Sequence[str], places: Sequence[WordPlaces], most: int
) -> Iterator[CopiedPage]:
    """The pages with their words; one that stands on its head is set upright, words and all."""
    for number, page in enumerate(drawn):
        if number >= most:
            raise _TooLargeError
        known = number < min(len(texts), len(places))
        words = placed_words(texts[number], places[number]) if known else ()
        if not known or not places[number].turned:
            yield CopiedPage(page.picture, page.width, page.height, words)
            continue
        upright = page.picture.transpose(Image.Transpose.ROTATE_180)
        yield CopiedPage(upright, page.width, page.height, [_turned(word) for word in words])


def _turned(word: PlacedWord) -> PlacedWord:
    left, top, right, bottom = word.box
    return PlacedWord(word.text, (1 - right, 1 - bottom, 1 - left, 1 - top))


def _of_pdf(octets: bytes) -> Iterator[CopiedPage]:
    document = pypdfium2.PdfDocument(octets)
    try:
        for page in document:
            width, height = (max(1.0, points) for points in page.get_size())
            most = (_MOST_DRAWN / (width * height)) ** 0.5
            picture = page.render(scale=min(_DPI / 72, most)).to_pil().convert("RGB")
            yield CopiedPage(picture, width, height)
    finally:
        document.close()


def _of_image(octets: bytes, most_pixels: int) -> Iterator[CopiedPage]:
    # Named, because Pillow knows formats that run other programs (EPS).
    picture: Image.Image = Image.open(io.BytesIO(octets), formats=("TIFF", "JPEG", "PNG"))
    # Behind a phone's photo stands a smaller one, or a map of depths.
    count = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    for number in range(count):
        picture.seek(number)
        if picture.width * picture.height > most_pixels:
            raise _TooLargeError
        across, down = _dots(picture)
        upright = ImageOps.exif_transpose(picture)
        if upright.mode != "1":
            upright = upright.convert("RGB")
        width, height = 72 * upright.width / across, 72 * upright.height / down
        if upright.width * upright.height > _MOST_DRAWN:
            scale = (_MOST_DRAWN / (upright.width * upright.height)) ** 0.5
            upright = upright.convert("RGB" if upright.mode == "RGB" else "L").resize(
                (round(upright.width * scale), round(upright.height * scale)),
                Image.Resampling.BOX,
            )
        yield CopiedPage(upright, width, height)


def _dots(picture: Image.Image) -> tuple[float, float]:
    """Dots an inch across and down, as the file says; else as if its short side were an A4's."""
    try:
        across, down = (float(said) for said in picture.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        across = down = 0.0
    if all(_COARSEST <= dots <= _FINEST for dots in (across, down)):
        return across, down
    guessed = max(1.0, min(picture.size) / _A4_INCHES)
    return guessed, guessed


def _prepare() -> None:
    """Have all of it imported that is imported when it is first needed."""
    for plugin in (JpegImagePlugin, PngImagePlugin, TiffImagePlugin):
        plugin.__name__  # noqa: B018  (importing it was the point)
    places = [{"boxes": pack([(0, 0, 1, 1)]), "turned": True}]
    told = {"title": "", "texts": ["a"], "places": places, "most_pixels": 99, "most": 9}
    told["most_octets"] = 99_999
    for mode in ("1", "L", "RGB"):
        for kind in ("PNG", "TIFF"):
            out = io.BytesIO()
            Image.new(mode, (9, 9)).save(out, kind)
            answer(told, out.getvalue())
    paper, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    paper.new_page(9, 9)
    paper.save(out)
    paper.close()
    answer(told, out.getvalue())


_prepare()
