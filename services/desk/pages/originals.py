"""What an arrival brought, shown safely: a page of a scan as a picture, a mail as plain text.

What comes from outside is hostile: pictures are drawn anew within a box of pixels, HTML passes an
allow-list without links, pictures or style, whatever was cleaned before.
"""

import asyncio
import io
import threading

import nh3
import pypdfium2
from PIL import Image

from shared.errors import PermanentFailure

WIDTH, HEIGHT = 1240, 1754
"""The box of a drawn page in pixels: A4 at 150 dpi."""
MOST_PIXELS = 120_000_000
"""A larger picture is refused: A4 at 1,200 dpi has 139 million, copiers stop at 600."""
TAGS = frozenset(
    {
        *("p", "br", "hr", "pre", "blockquote", "b", "strong", "i", "em", "u"),
        *("h1", "h2", "h3", "h4", "ul", "ol", "li"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)

UNREADABLE = (OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises on broken or monstrous pictures."""

# pdfium is not made for threads.
_PDFIUM = threading.Lock()


class NotShown(PermanentFailure):
    """There is no such page, or it can't be drawn."""


async def page(original: bytes, number: int) -> bytes:
    """Page `number` (from 1) of a scanned document, as PNG.

    Raises:
        NotShown: see there.
    """
    return await asyncio.to_thread(_draw, original, number)


def count(pdf: bytes) -> int:
    """How many pages a PDF has; it blocks. Raises NotShown when it does not open without more."""
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(pdf)
            try:
                return len(document)
            finally:
                document.close()
    except (*UNREADABLE, pypdfium2.PdfiumError) as error:
        raise NotShown("Ce document ne s’ouvre pas.") from error


def cleaned(html: str) -> str:
    """Hostile HTML as paragraphs, lists and tables, nothing that acts or loads."""
    return nh3.clean(html, tags=set(TAGS), attributes={}, url_schemes=set())


def _draw(original: bytes, number: int) -> bytes:
    try:
        picture = (
            _of_pdf(original, number) if original[:5] == b"%PDF-" else _of_image(original, number)
        )
    except (*UNREADABLE, pypdfium2.PdfiumError) as error:
        raise NotShown("Cette page ne peut pas être affichée.") from error
    picture.thumbnail((WIDTH, HEIGHT))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _of_pdf(original: bytes, number: int) -> Image.Image:
    with _PDFIUM:
        document = pypdfium2.PdfDocument(original)
        try:
            if not 1 <= number <= len(document):
                raise NotShown("Ce document n’a pas cette page.")
            one = document[number - 1]
            width, height = one.get_size()
            scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1))
            drawn: Image.Image = one.render(scale=scale).to_pil()
            return drawn.convert("RGB")
        finally:
            document.close()


def _of_image(original: bytes, number: int) -> Image.Image:
    # Named, because Pillow knows formats that run other programs (EPS).
    picture = Image.open(io.BytesIO(original), formats=("TIFF", "JPEG", "PNG"))
    if not 1 <= number <= getattr(picture, "n_frames", 1):
        raise NotShown("Ce document n’a pas cette page.")
    picture.seek(number - 1)
    # Of this page: behind a small one may stand a monstrous one.
    if picture.width * picture.height > MOST_PIXELS:
        raise NotShown("Cette image est trop grande pour être affichée.")
    return picture.convert("RGB")
