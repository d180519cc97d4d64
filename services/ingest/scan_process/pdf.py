"""PDF: drawn by PDFium, cut by qpdf, which also mends what it can."""

import io
import re
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from services.ingest.faults import DamagedScan, Encrypted, TooLargeScan, Truncated
from services.ingest.media import HEAD, MediaType
from services.ingest.scan_process.pages import PageLimits
from services.ingest.scan_process.sole_picture import SolePicture, sole_picture

_LINEARIZED = re.compile(rb"/Linearized\b[^>]*/L\s+(\d{1,12})")
_ALL_WHITE = (255, 255)
_DEEPEST = 4  # forms inside forms in which a page's pictures are looked for
_PDF_TAIL = 65_536
_PDF_END = 1_024  # octets before the padding in which a PDF's last mark must stand


class PdfPages:
    """A scanned PDF file as pages (`ScanPages`)."""

    media_type: MediaType = "application/pdf"

    def __init__(self, path: Path, limits: PageLimits) -> None:
        _require_pdf_end(path)
        try:
            self._file = pikepdf.open(path)
            self.count = len(self._file.pages)
        except pikepdf.PasswordError:
            raise Encrypted from None
        except (pikepdf.PdfError, ValueError, RecursionError):
            raise DamagedScan from None
        if self.count == 0:
            raise DamagedScan
        if self.count > limits.pages:
            raise TooLargeScan
        self._drawn = self._open_drawing(path)
        self._limits = limits

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """Draws a page (from 1) of the PDF in grey; also returns its real dots per inch.

        A page that is one picture has the dots of the picture at most.
        """
        try:
            page = self._drawn[number - 1]
            only = sole_picture(page, self._file.pages[number - 1])
            if only is not None:
                return self._reduced(only, dpi)
            width, height = (max(points, 1) / 72 for points in page.get_size())
            most = (self._limits.rendered / (width * height)) ** 0.5
            dots = min(float(dpi), most)
            drawn = page.render(scale=dots / 72, grayscale=True, may_draw_forms=False)
            grey = drawn.to_pil().convert("L")
            if grey.getextrema() == _ALL_WHITE:
                _require_drawable(page)
        except (pypdfium2.PdfiumError, pikepdf.PdfError, ValueError, IndexError, MemoryError):
            raise DamagedScan from None
        return grey, dots

    def cut(self, first: int, last: int) -> bytes:
        """Cuts pages `first` to `last` (from 1, included) out of the PDF as a PDF.

        The octets are the same each time.
        """
        out = io.BytesIO()
        with pikepdf.new() as piece:
            piece.pages.extend(self._file.pages[first - 1 : last])
            piece.remove_unreferenced_resources()
            piece.save(out, deterministic_id=True)
        return out.getvalue()

    def _reduced(self, only: SolePicture, dpi: int) -> tuple[Image.Image, float]:
        grey, across, down = only.grey, only.across, only.down
        dots = min(float(dpi), across, down)
        pixels = grey.width * grey.height * dots**2 / (across * down)
        dots *= min(1.0, (self._limits.rendered / pixels) ** 0.5)
        size = max(1, round(grey.width * dots / across)), max(1, round(grey.height * dots / down))
        return grey.resize(size, Image.Resampling.BOX, reducing_gap=1.0), dots

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
            raise DamagedScan from None


def _require_drawable(page: pypdfium2.PdfPage) -> None:
    """PDFium leaves out a picture that it can't unpack: such a page looks blank and is not.

    Raises:
        PdfiumError: a picture of the page can't be unpacked.
    """
    for image in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST):
        image.get_bitmap()


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
