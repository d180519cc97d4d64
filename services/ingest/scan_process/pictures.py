"""TIFF, JPEG and PNG, unpacked by Pillow; pages of a TIFF are cut by its structure."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from services.ingest.faults import Bomb, DamagedScan, TooLargeScan, Truncated, UnreadableScan
from services.ingest.media import MediaType
from services.ingest.scan_process import tiff
from services.ingest.scan_process.pages import PageLimits

_A4_INCHES = 8.27
_COARSEST, _FINEST = 90, 1_200  # dots per inch that a file may claim


class ImagePages:
    """A scanned TIFF, JPEG or PNG file as pages (`ScanPages`)."""

    def __init__(self, path: Path, limits: PageLimits, kind: MediaType) -> None:
        self.media_type: MediaType = kind
        self._limits = limits
        self._path = path
        self.count = 1
        if kind == "image/tiff":
            self.count = len(tiff.directories(path.read_bytes()))
        else:  # only unpacking it shows that it is whole
            self.picture(1, _COARSEST)
        if self.count > limits.pages:
            raise TooLargeScan

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """Draws a page (from 1) of the picture file in grey.

        Also returns its real dots per inch.
        """
        return _unpacked(lambda: self._picture(number, dpi))

    def cut(self, first: int, last: int) -> bytes:
        """Returns pages `first` to `last` (from 1, included) as a file of the same type.

        Leaves the file as it is; all its pages: its own octets.
        """
        octets = self._path.read_bytes()
        if (first, last) == (1, self.count):
            return octets
        try:
            return tiff.extract(octets, first, last)
        except DamagedScan:
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
    except UnreadableScan:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Bomb from None
    except UnidentifiedImageError:
        raise DamagedScan from None
    except OSError as error:  # "image file is truncated (n bytes not processed)", "-2", …
        raise (Truncated if "truncated" in str(error) else DamagedScan) from None
    except Exception:  # noqa: BLE001  (Pillow raises anything on hostile octets)
        raise DamagedScan from None


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
