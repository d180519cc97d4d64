"""libtesseract with French data, for the reading process.

A page is read grey at 300 dpi, or with the dots that it has, where something is written, its lines
levelled; when the words make little sense, once more upside down (ADR 0187). One thread: two OpenMP
threads make it slower (OMP_THREAD_LIMIT, set by services/ingest/scan_reader.py).
"""

import time
from dataclasses import dataclass
from pathlib import Path

import tesserocr
from PIL import Image

from services.ingest.domain.page_head import head_blocks
from services.ingest.domain.stamps import PageWords, ReadStamp, day_in, stamp_of, upside_down
from services.ingest.ocr import PageText
from services.ingest.scan_process.ink import written_part
from services.ingest.scan_process.skew import level_part, skew
from services.ingest.scan_process.stamp_place import PixelBox, as_scanned, scanned_box, stamp_region
from shared.content.word_places import pack

LANGUAGE = "fra"
_DOUBTFUL = 60.0  # mean confidence below which the sheet may stand on its head
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
    each: tuple[PageWords, ...] = ()
    """Each word by itself, in order."""


class Tesseract:
    """The OCR engine (Tesseract, French): 0.2 to 1 s a page of 300 dpi, on one core."""

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
        page, turned = picture, False
        best = self._look(page, dpi, angle, written_part(page, dpi, angle))
        if best.confidence < _DOUBTFUL:
            reversed_ = picture.transpose(Image.Transpose.ROTATE_180)
            other = self._look(reversed_, dpi, angle, written_part(reversed_, dpi, angle))
            if other.words and other.confidence > best.confidence:
                best, page, turned = other, reversed_, True
        stamp = self._stamp(best, page, dpi, angle)
        if stamp is not None:
            stamp = as_scanned(stamp, angle)
            stamp = upside_down(stamp) if turned else stamp
        seconds = time.perf_counter() - started
        head = head_blocks(best.places, picture.height)
        boxes = _boxes(best, picture.size, angle, turned=turned)
        return PageText(
            best.text,
            best.confidence,
            best.words,
            seconds,
            stamp=stamp,
            head=head,
            boxes=boxes,
            turned=turned,
        )

    def _stamp(
        self, read: _Reading, picture: Image.Image, dpi: float, angle: float
    ) -> ReadStamp | None:
        found = stamp_of(read.places, picture.width, picture.height)
        if read.confidence < _CLEARLY_READ or (found is not None and not _doubted(found, read)):
            return found
        around = stamp_region(read.places, read.doubtful, picture.size, dpi)
        if around is None:
            return found
        self._api.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK)
        try:
            places = self._look(picture, dpi, angle, around).places
        finally:
            self._api.SetPageSegMode(tesserocr.PSM.AUTO)
        return stamp_of(places, picture.width, picture.height) or found

    def _look(self, picture: Image.Image, dpi: float, angle: float, around: PixelBox) -> _Reading:
        """Reads a part of a page whose lines are level when it is turned by `angle`.

        Where its words stand is told on the whole page, turned.
        """
        part = level_part(picture, angle, around)
        self._api.SetImageBytes(part.tobytes(), part.width, part.height, 1, part.width)
        self._api.SetSourceResolution(round(dpi))
        text = self._api.GetUTF8Text().strip()
        sure = self._api.AllWordConfidences() if text else ()
        places, doubtful, each = self._places(around) if text else ((), (), ())
        self._api.Clear()
        confidence = sum(sure) / len(sure) if sure else 0.0
        return _Reading(text, confidence, len(sure), places, doubtful, each)

    def _places(
        self, around: PixelBox
    ) -> tuple[tuple[PageWords, ...], tuple[PageWords, ...], tuple[PageWords, ...]]:
        """Where the words stand that were just read; those that are far apart are told apart."""
        by = tesserocr.RIL.WORD
        places, doubtful, each = list[PageWords](), list[PageWords](), list[PageWords]()
        for word in tesserocr.iterate_level(self._api.GetIterator(), by):
            text, box = word.GetUTF8Text(by).strip(), word.BoundingBox(by)
            if box is None:
                continue
            place = PageWords(text, *map(float, box)).shift(around[0], around[1])
            if not text or word.Confidence(by) < _UNSURE_WORD:
                doubtful.append(place)
            if not text:
                continue
            each.append(place)
            if (
                places
                and not word.IsAtBeginningOf(tesserocr.RIL.TEXTLINE)
                and places[-1].near(place)
            ):
                places[-1] = places[-1].join(place)
            else:
                places.append(place)
        return tuple(places), tuple(doubtful), tuple(each)


def _boxes(read: _Reading, size: tuple[int, int], angle: float, *, turned: bool) -> str:
    """Where each word of the text stands on the page as scanned, packed; none where they differ."""
    if [word.text for word in read.each] != read.text.split():
        return ""
    width, height = size
    ratio = height / width
    return pack(
        scanned_box(
            (word.left / width, word.top / height, word.right / width, word.bottom / height),
            ratio,
            angle,
            turned=turned,
        )
        for word in read.each
    )


def _doubted(stamp: ReadStamp, read: _Reading) -> bool:
    """Whether a word of the day that was read is doubtful."""
    return any(
        word.text and any(digit.isdigit() for digit in word.text) and word.text in place.text
        for place in read.places
        if day_in(place.text) == stamp.day
        for word in read.doubtful
    )
