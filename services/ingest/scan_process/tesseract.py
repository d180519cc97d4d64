"""libtesseract with French data, for the reading process.

A page is read grey at 300 dpi after its lines were levelled; when the words make little sense, once
more upside down. One thread: two OpenMP threads make it slower (OMP_THREAD_LIMIT, set by
services/ingest/scan_reader.py).
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tesserocr
from PIL import Image

from services.ingest.domain.page_head import head_blocks
from services.ingest.domain.stamps import PageWords, ReadStamp, day_in, stamp_of, upside_down
from services.ingest.ocr import PageText
from services.ingest.scan_process.stamp_place import as_scanned, stamp_region

LANGUAGE = "fra"
_DOUBTFUL = 60.0  # mean confidence below which the sheet may stand on its head
_STEEPEST, _STEP, _WORTH = 4.0, 0.5, 0.5  # degrees: searched, between tries, worth a rotation
_CLEAR = 1.1  # times as unlike as the rows of the page as it stands
_ROUGH = 900  # pixels of width on which the skew is measured
_INK = 60  # grey levels below the paper
_UNSURE_WORD = 50.0  # confidence of a word below which it may be a part of a stamp
_CLEARLY_READ = 75.0  # mean confidence: below it the whole page is doubtful, no stamp stands out


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one look of Tesseract at a picture gave."""

    text: str
    confidence: float
    words: int
    places: tuple[PageWords, ...] = ()
    """Words that stand side by side, in order."""
    doubtful: tuple[PageWords, ...] = ()
    """Words read with little confidence, and what was taken for a word and is none."""


class Tesseract:
    """The OCR engine (Tesseract, French): 0.6 to 1.4 s a page of 300 dpi, on one core."""

    def __init__(self, tessdata: Path) -> None:
        self._api = tesserocr.PyTessBaseAPI(
            path=str(tessdata), lang=LANGUAGE, psm=tesserocr.PSM.AUTO
        )

    def read(self, picture: Image.Image, dpi: float) -> PageText:
        """Reads the words of a grey picture by OCR; a doubtful one is tried upside down as well.

        A date stamp that was seen and not read is looked at once more, alone.
        """
        started = time.perf_counter()
        angle = skew(picture)
        straight = _straightened(picture, angle)
        best, turned = self._look(straight, dpi), False
        if best.confidence < _DOUBTFUL:
            reversed_ = straight.transpose(Image.Transpose.ROTATE_180)
            other = self._look(reversed_, dpi)
            if other.words and other.confidence > best.confidence:
                best, straight, turned = other, reversed_, True
        stamp = self._stamp(best, straight, dpi)
        if stamp is not None:
            stamp = as_scanned(stamp, angle)
            stamp = upside_down(stamp) if turned else stamp
        seconds = time.perf_counter() - started
        head = head_blocks(best.places, straight.height)
        return PageText(best.text, best.confidence, best.words, seconds, stamp=stamp, head=head)

    def _stamp(self, read: _Reading, picture: Image.Image, dpi: float) -> ReadStamp | None:
        found = stamp_of(read.places, picture.width, picture.height)
        if read.confidence < _CLEARLY_READ or (found is not None and not _doubted(found, read)):
            return found
        around = stamp_region(read.places, read.doubtful, picture.size, dpi)
        if around is None:
            return found
        self._api.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK)
        try:
            places = self._look(picture.crop(around), dpi).places
        finally:
            self._api.SetPageSegMode(tesserocr.PSM.AUTO)
        moved = [place.shift(around[0], around[1]) for place in places]
        return stamp_of(moved, picture.width, picture.height) or found

    def _look(self, picture: Image.Image, dpi: float) -> _Reading:
        self._api.SetImage(picture)
        self._api.SetSourceResolution(round(dpi))
        text = self._api.GetUTF8Text().strip()
        sure = self._api.AllWordConfidences() if text else ()
        places, doubtful = self._places() if text else ((), ())
        self._api.Clear()
        confidence = sum(sure) / len(sure) if sure else 0.0
        return _Reading(text, confidence, len(sure), places, doubtful)

    def _places(self) -> tuple[tuple[PageWords, ...], tuple[PageWords, ...]]:
        """Where the words stand that were just read; those that are far apart are told apart."""
        level = tesserocr.RIL.WORD
        places, doubtful = list[PageWords](), list[PageWords]()
        for word in tesserocr.iterate_level(self._api.GetIterator(), level):
            text, box = word.GetUTF8Text(level).strip(), word.BoundingBox(level)
            if box is None:
                continue
            place = PageWords(text, *map(float, box))
            if not text or word.Confidence(level) < _UNSURE_WORD:
                doubtful.append(place)
            if not text:
                continue
            if (
                places
                and not word.IsAtBeginningOf(tesserocr.RIL.TEXTLINE)
                and places[-1].near(place)
            ):
                places[-1] = places[-1].join(place)
            else:
                places.append(place)
        return tuple(places), tuple(doubtful)


def _doubted(stamp: ReadStamp, read: _Reading) -> bool:
    """Whether a word of the day that was read is doubtful."""
    return any(
        word.text and any(digit.isdigit() for digit in word.text) and word.text in place.text
        for place in read.places
        if day_in(place.text) == stamp.day
        for word in read.doubtful
    )


def deskew(picture: Image.Image) -> Image.Image:
    """Straightens the picture of a page whose text lines slope clearly."""
    return _straightened(picture, skew(picture))


def _straightened(picture: Image.Image, angle: float) -> Image.Image:
    if not angle:
        return picture
    return picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)


def skew(picture: Image.Image) -> float:
    """Returns by how many degrees to turn a page to level its lines; 0 where they do not slope."""
    angle = _skew(picture)
    return angle if abs(angle) >= _WORTH else 0.0


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
