"""libtesseract with French data, for the reading process.

A page is read grey at 300 dpi after its lines were levelled; when the words make little sense, once
more upside down. One thread: two OpenMP threads make it slower (OMP_THREAD_LIMIT, set by
services/ingest/scan_reader.py).
"""

import time
from pathlib import Path

import numpy as np
import tesserocr
from PIL import Image

from services.ingest.ocr import PageText

LANGUAGE = "fra"
_DOUBTFUL = 60.0  # mean confidence below which the sheet may stand on its head
_STEEPEST, _STEP, _WORTH = 4.0, 0.5, 0.5  # degrees: searched, between tries, worth a rotation
_CLEAR = 1.1  # times as unlike as the rows of the page as it stands
_ROUGH = 900  # pixels of width on which the skew is measured
_INK = 60  # grey levels below the paper


class Tesseract:
    """The OCR engine (Tesseract, French): 0.6 to 1.4 s a page of 300 dpi, on one core."""

    def __init__(self, tessdata: Path) -> None:
        self._api = tesserocr.PyTessBaseAPI(
            path=str(tessdata), lang=LANGUAGE, psm=tesserocr.PSM.AUTO
        )

    def read(self, picture: Image.Image, dpi: float) -> PageText:
        """Reads the words of a grey picture by OCR; a doubtful one is tried upside down as well."""
        started = time.perf_counter()
        straight = deskewed(picture)
        best = self._words(straight, dpi)
        if best[1] < _DOUBTFUL:
            turned = self._words(straight.transpose(Image.Transpose.ROTATE_180), dpi)
            best = max(best, turned, key=lambda words: words[1] * (words[2] > 0))
        text, confidence, words = best
        return PageText(text, confidence, words, time.perf_counter() - started)

    def _words(self, picture: Image.Image, dpi: float) -> tuple[str, float, int]:
        self._api.SetImage(picture)
        self._api.SetSourceResolution(round(dpi))
        text = self._api.GetUTF8Text().strip()
        sure = self._api.AllWordConfidences() if text else ()
        self._api.Clear()
        return text, (sum(sure) / len(sure) if sure else 0.0), len(sure)


def deskewed(picture: Image.Image) -> Image.Image:
    """Straightens the picture of a page whose text lines slope clearly."""
    angle = _skew(picture)
    if abs(angle) < _WORTH:
        return picture
    return picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)


def _skew(picture: Image.Image) -> float:
    """Degrees by which to turn: rows of level text are the most unlike each other."""
    if picture.width < 2 or picture.height < 2:  # noqa: PLR2004  (nothing to compare)
        return 0.0
    height = max(1, round(picture.height * _ROUGH / picture.width))
    rough = picture.resize((_ROUGH, min(height, 2 * _ROUGH)), Image.Resampling.BOX)
    grey = np.asarray(rough)
    ink = Image.fromarray((grey < np.median(grey) - _INK).astype(np.uint8) * 255)

    def unlikeness(angle: float) -> float:
        rows = np.asarray(ink.rotate(angle), dtype=np.float64).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    tries = np.arange(-_STEEPEST, _STEEPEST + _STEP, _STEP)
    best = max((float(angle) for angle in tries), key=unlikeness)
    finer = max((best - _STEP / 2, best, best + _STEP / 2), key=unlikeness)
    return finer if unlikeness(finer) > _CLEAR * unlikeness(0.0) else 0.0
