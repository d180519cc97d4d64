"""A scanned file as pages: how many, what each looks like, and some of them as a file of their own.

Everything here reads hostile octets with C libraries and runs in the reading process
(services/ingest/reading.py), which may be killed at any moment. A page is always a grey picture of
the paper: a PDF's text layer, forms and scripts are never asked.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

from services.ingest import tiff
from services.ingest.faults import (
    Bomb,
    Damaged,
    Empty,
    Encrypted,
    TooLarge,
    Truncated,
    UnknownType,
    Unreadable,
)
from services.ingest.media import HEAD, media_type

_A4_INCHES = 8.27
_COARSEST, _FINEST = 90, 1_200  # dots per inch that a file may claim
_LINEARIZED = re.compile(rb"/Linearized\b[^>]*/L\s+(\d{1,12})")
_PDF_TAIL = 65_536
_PDF_END = 1_024  # octets before the padding in which a PDF's last mark must stand


@dataclass(frozen=True, slots=True)
class Limits:
    """What an honest copier stays far below."""

    octets: int = 300_000_000
    pages: int = 2_000
    samples: int = 110_000_000
    """Octets of one unpacked page: a colour A4 at 600 dpi has 104 million."""
    rendered: int = 20_000_000
    """Pixels of one drawn page; a bigger sheet is drawn smaller. A3 at 300 dpi has 17 million."""


class Pages(Protocol):
    """An open file."""

    @property
    def media_type(self) -> str:
        """`application/pdf`, `image/tiff`, `image/jpeg` or `image/png`."""
        ...

    @property
    def count(self) -> int:
        """Pages in the file."""
        ...

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """Page `number` (from 1) in grey, and the dots per inch that it really has.

        Raises:
            Unreadable: this page can't be drawn.
        """
        ...

    def cut(self, first: int, last: int) -> bytes:
        """Pages `first` to `last` as a file of the same type, no picture compressed again."""
        ...


def open_pages(path: Path, limits: Limits = Limits()) -> Pages:
    """Open a file by what it is, whatever its name says, and check that it is whole.

    Raises:
        Unreadable: see services/ingest/faults.py.
    """
    size = path.stat().st_size
    if size == 0:
        raise Empty
    if size > limits.octets:
        raise TooLarge
    with path.open("rb") as file:
        head = file.read(HEAD)
    match media_type(head):
        case None:
            raise UnknownType if head.strip(b"\0") else Truncated
        case "application/pdf":
            return PdfPages(path, limits)
        case image:
            return ImagePages(path, limits, image)


class PdfPages:
    """A PDF: drawn by PDFium, cut by qpdf, which also mends what it can."""

    media_type = "application/pdf"

    def __init__(self, path: Path, limits: Limits) -> None:
        _require_pdf_end(path)
        try:
            self._file = pikepdf.open(path)
            self.count = len(self._file.pages)
        except pikepdf.PasswordError:
            raise Encrypted from None
        except (pikepdf.PdfError, ValueError, RecursionError):
            raise Damaged from None
        if self.count == 0:
            raise Damaged
        if self.count > limits.pages:
            raise TooLarge
        self._drawn = self._open_drawing(path)
        self._limits = limits

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """See `Pages`."""
        try:
            page = self._drawn[number - 1]
            width, height = (max(points, 1) / 72 for points in page.get_size())
            most = (self._limits.rendered / (width * height)) ** 0.5
            dots = min(float(dpi), most)
            drawn = page.render(scale=dots / 72, grayscale=True, may_draw_forms=False)
            return drawn.to_pil().convert("L"), dots
        except (pypdfium2.PdfiumError, ValueError, IndexError, MemoryError):
            raise Damaged from None

    def cut(self, first: int, last: int) -> bytes:
        """See `Pages`. The same pages give the same octets each time."""
        out = io.BytesIO()
        with pikepdf.new() as piece:
            piece.pages.extend(self._file.pages[first - 1 : last])
            piece.remove_unreferenced_resources()
            piece.save(out, deterministic_id=True)
        return out.getvalue()

    def _open_drawing(self, path: Path) -> pypdfium2.PdfDocument:
        """PDFium on the file, or on qpdf's mended copy when PDFium counts other pages."""
        try:
            drawn = pypdfium2.PdfDocument(path)
            if len(drawn) == self.count:
                return drawn
        except pypdfium2.PdfiumError:
            pass
        try:
            return pypdfium2.PdfDocument(self.cut(1, self.count))
        except (pypdfium2.PdfiumError, pikepdf.PdfError):
            raise Damaged from None


class ImagePages:
    """A TIFF of several pages, or one JPEG or PNG."""

    def __init__(self, path: Path, limits: Limits, kind: str) -> None:
        self.media_type = kind
        self._limits = limits
        self._path = path
        self.count = 1
        if kind == "image/tiff":
            self.count = len(tiff.directories(path.read_bytes()))
        else:  # only unpacking it shows that it is whole
            self.picture(1, _COARSEST)
        if self.count > limits.pages:
            raise TooLarge

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """See `Pages`."""
        return _unpacked(lambda: self._picture(number, dpi))

    def cut(self, first: int, last: int) -> bytes:
        """See `Pages`."""
        octets = self._path.read_bytes()
        if (first, last) == (1, self.count):
            return octets
        try:
            return tiff.extract(octets, first, last)
        except Damaged:
            return self._copied(first, last)

    def _picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        with self._open() as image:
            image.seek(number - 1)
            self._require_modest(image)
            across, down = _native_dpi(image)
            image.draft("L", None)
            grey = ImageOps.exif_transpose(_grey(image))
        most = (self._limits.rendered / (grey.width * grey.height)) ** 0.5
        scale = min(1.0, dpi / across, most)
        # A fax has half as many lines down the page as dots across it.
        size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale * across / down))
        if size != grey.size:
            grey = grey.resize(size, Image.Resampling.BOX)
        return grey, across * scale

    def _copied(self, first: int, last: int) -> bytes:
        """Pages packed again without loss: for the old JPEG-in-TIFF that can't be copied."""
        out = io.BytesIO()
        with self._open() as image:
            frames = []
            for number in range(first, last + 1):
                image.seek(number - 1)
                frames.append(image.copy())
        frames[0].save(
            out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_adobe_deflate"
        )
        return out.getvalue()

    def _open(self) -> Image.Image:
        return Image.open(self._path, formats=("TIFF", "JPEG", "PNG"))

    def _require_modest(self, image: Image.Image) -> None:
        if image.width * image.height * len(image.getbands()) > self._limits.samples:
            raise Bomb


def _unpacked(
    draw: Callable[[], tuple[Image.Image, float]],
) -> tuple[Image.Image, float]:
    """What `draw` gives, its library's many errors told apart by what they mean for us."""
    try:
        return draw()
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Bomb from None
    except UnidentifiedImageError:
        raise Damaged from None
    except OSError as error:  # "image file is truncated (n bytes not processed)", "-2", …
        raise (Truncated if "truncated" in str(error) else Damaged) from None
    except Exception:  # noqa: BLE001  (Pillow raises anything on hostile octets)
        raise Damaged from None


def _native_dpi(image: Image.Image) -> tuple[float, float]:
    """Across and down: what the file says if credible, else as if its short side were an A4's."""
    try:
        across, down = (float(said) for said in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        across = down = 0.0
    if all(_COARSEST <= dpi <= _FINEST for dpi in (across, down)):
        return across, down
    guessed = max(1.0, min(image.size) / _A4_INCHES)
    return guessed, guessed


def _grey(image: Image.Image) -> Image.Image:
    """As on white paper: what is transparent is white, and 16 bits keep their upper eight."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image.convert("RGBA")).convert("L")
    grey = image.convert("L")
    grey.info = image.info
    return grey


def _require_pdf_end(path: Path) -> None:
    """A PDF ends with `%%EOF`; some copiers fill the rest of their block with zeros.

    Raises:
        Truncated: the mark is not there, so its writer had not finished.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _PDF_TAIL))
        tail = file.read().rstrip(b"\0 \t\r\n")
        file.seek(0)
        announced = _LINEARIZED.search(file.read(HEAD))
    if b"%%EOF" not in tail[-_PDF_END:]:
        raise Truncated
    # A PDF made for the web has such a mark near its head as well, and says how long it is.
    if announced is not None and int(announced[1]) > path.stat().st_size:
        raise Truncated
