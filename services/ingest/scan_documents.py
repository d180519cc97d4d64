"""From one whole file to its documents: look at each page, cut, read, and give each its own octets.

Looking, reading and cutting happen in the reading process; nothing here fails because of a page. A
page that can't be drawn is a page without codes and without text, and stays in its document. A page
without ink is read before it is called blank where that would set it apart: pale letters stay.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.page_codes import SeenPage, Sheets
from services.ingest.domain.receipt_day import DayFrom, day_of_folder, receipt_day
from services.ingest.domain.second_letter import misses_separator
from services.ingest.domain.separators import (
    BLANK,
    Cutting,
    DaySheetRange,
    Piece,
    cut,
)
from services.ingest.faults import Bomb, DamagedScan, UnreadableScan
from services.ingest.media import HEAD, media_type
from services.ingest.ocr import NO_WORDS, UNREAD, Ocr, PageText
from services.ingest.pages_ahead import read_ahead
from services.ingest.scan_cuts import Cuttings, CuttingsOfThisRun, KeptCutting
from services.ingest.scan_files import ScanFile
from services.ingest.scan_reader import OpenedScan, ScanReader
from shared.content.word_places import WordPlaces
from shared.facts.envelope import Digest

_MOST_READ = 40  # pages of one document that OCR reads: the letter and its first enclosures
_FEWEST_READ = 10  # of each letter of a file whose pages are counted together
_MOST_LATE = 3  # pages of one file on which the reading process may be late, or die
_LATE = {"timeout", "crash"}
_SURE = 60.0  # confidence of OCR from which a page that seemed blank has words
_NO_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Copy:
    """A local copy of a scanned file; that of a file which is too large is empty."""

    found: ScanFile
    digest: Digest
    path: Path
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class ScanCutter:
    """The cutter of scanned files into documents, at separator sheets; OCR reads each document."""

    source: str
    sheets: Sheets
    oldest_day_sheet: Callable[[date], date]
    """The oldest day of receipt that a sheet may give to what is scanned on a local day."""
    zone: ZoneInfo
    lectern: ScanReader
    ocr: Ocr
    cuttings: Cuttings = field(default_factory=CuttingsOfThisRun)
    most_together: int | None = None
    """Pages that OCR reads of one file, shared among its letters; `None`: forty of each."""

    async def documents(
        self, copy: Copy, *, settled: bool = True
    ) -> AsyncGenerator[tuple[ScannedDocument, bool], None]:
        """Yields the documents cut out of a scanned file, each with whether it is the last.

        They come in order; how the file is cut is stored before the first. A file without any (only
        sheets, only blank pages) is one document in quarantine. `settled`: the file has not changed
        for so long that a page that can't be drawn is taken for damaged.

        Raises:
            UnreadableScan: it can't be opened as pages, none of them can be drawn, or it is not
                settled and one can't.
            TemporaryFailure: how it was cut can't be read or stored now.
        """
        kept = await self.cuttings.of(self.source, copy.digest)
        opened: OpenedScan | None = None
        if kept is None:
            opened = await self.lectern.open(copy.path)
            judged = await self._judge(copy, opened, settled=settled)
            kept = await self.cuttings.keep(self.source, copy.digest, judged)
        cutting = kept.cutting
        if cutting.waits is not None:
            yield self._whole(copy, cutting.waits), True
            return
        opened = opened or await self.lectern.open(copy.path)
        alone = len(cutting.pieces) == 1
        most = self._most_of_each(len(cutting.pieces))
        wanted = _to_read(cutting.pieces, frozenset(kept.blank), most)
        async with read_ahead(self.ocr, wanted) as ocr:
            for piece in cutting.pieces:
                document = await self._document(
                    copy, opened, kept.blank, piece, ocr, most, alone=alone
                )
                yield document, piece is cutting.pieces[-1]

    def _most_of_each(self, letters: int) -> int:
        if self.most_together is None:
            return _MOST_READ
        return max(_FEWEST_READ, min(_MOST_READ, self.most_together // letters))

    async def quarantine(self, copy: Copy, reason: str) -> ScannedDocument | None:
        """Returns a whole scanned file as one document for quarantine, where a person looks at it.

        `None` when the file was cut into documents before, because its present trouble will pass.
        """
        verdict = KeptCutting(Cutting((), (), reason))
        kept = await self.cuttings.keep(self.source, copy.digest, verdict)
        return None if kept.cutting.waits is None else self._whole(copy, kept.cutting.waits)

    async def _judge(self, copy: Copy, opened: OpenedScan, *, settled: bool) -> KeptCutting:
        seen = await self._look(copy, opened, settled=settled)
        today = copy.first_seen.astimezone(self.zone).date()
        days = DaySheetRange(self.oldest_day_sheet(today), today)
        asked: set[int] = set()
        late = 0
        while doubtful := _doubtful(seen, cutting := cut(seen, self.sheets, days)) - asked:
            for number in sorted(doubtful):
                if late >= _MOST_LATE:
                    break
                text = await self.ocr.read(copy.path, number)
                late += text.reason in _LATE
                if text.words and text.confidence >= _SURE:
                    seen[number - 1] = SeenPage(number)
            asked |= doubtful
        if cutting.waits is None and not cutting.pieces:
            all_blank = all(page.blank for page in seen)
            cutting = replace(cutting, waits=BLANK if all_blank else "scan-only-sheets")
        return KeptCutting(cutting, tuple(page.number for page in seen if page.blank))

    async def _look(self, copy: Copy, opened: OpenedScan, *, settled: bool) -> list[SeenPage]:
        """What each page shows; two are looked at at once, until one can't be drawn."""
        seen: list[SeenPage] = []
        faults: list[UnreadableScan] = []
        while (first := len(seen) + 1) <= opened.pages:
            numbers = range(first, min(opened.pages, first if faults else first + 1) + 1)
            foreign = bool(self.sheets.foreign)
            looks = (self.lectern.look(copy.path, number, foreign=foreign) for number in numbers)
            shown = await asyncio.gather(*looks, return_exceptions=True)
            for number, page in zip(numbers, shown, strict=True):
                if isinstance(page, UnreadableScan):
                    faults.append(page)
                elif isinstance(page, BaseException):
                    raise page
                seen.append(SeenPage(number) if isinstance(page, UnreadableScan) else page)
            if sum(isinstance(fault, Bomb) for fault in faults) > _MOST_LATE:
                raise Bomb  # or a file of 2,000 such pages is looked at for a day
        if len(faults) == opened.pages:
            raise faults[0]
        if not settled and any(not fault.final for fault in faults):
            raise DamagedScan
        return seen

    def _whole(self, copy: Copy, reason: str) -> ScannedDocument:
        day, day_from = self._day(copy, None)
        octets = copy.path.read_bytes()
        return ScannedDocument(
            source=self.source,
            file=copy.digest,
            first_page=0,
            last_page=0,
            octets=octets,
            media_type=media_type(octets[:HEAD]) or _NO_TYPE,
            name=copy.found.name,
            first_seen=copy.first_seen,
            reading=Illegible(reason),
            day=day,
            day_from=day_from,
            batch=self._batch(copy, alone=True),
        )

    async def _document(
        self,
        copy: Copy,
        opened: OpenedScan,
        blank: Sequence[int],
        piece: Piece,
        ocr: Ocr,
        most: int,
        *,
        alone: bool,
    ) -> ScannedDocument:
        texts: list[PageText] = []
        if piece.waits is None:
            pages = range(piece.first, piece.last + 1)
            texts = await read_pages(ocr, copy.path, pages, frozenset(blank), most)
        day, day_from = self._day(copy, piece.day)
        return ScannedDocument(
            source=self.source,
            file=copy.digest,
            first_page=piece.first,
            last_page=piece.last,
            octets=await self._octets(copy, opened, piece),
            media_type=opened.media_type,
            name=copy.found.name,
            first_seen=copy.first_seen,
            reading=legible(texts, int(piece.foreign))
            if piece.waits is None
            else Illegible(piece.waits),
            day=day,
            day_from=day_from,
            separator=piece.service,
            home=piece.home,
            label=piece.label,
            departure=piece.departure,
            named=piece.named,
            form=piece.form,
            batch=self._batch(copy, alone=alone),
            missed_separator=misses_separator([text.text for text in texts[piece.foreign :]]),
        )

    async def _octets(self, copy: Copy, opened: OpenedScan, piece: Piece) -> bytes:
        """The document alone; the whole file when it is one document, or can't be cut."""
        if (piece.first, piece.last) != (1, opened.pages):
            try:
                return await self.lectern.cut(copy.path, piece.first, piece.last)
            except UnreadableScan:
                pass
        return copy.path.read_bytes()

    def _day(self, copy: Copy, sheet: date | None) -> tuple[date | None, DayFrom]:
        seen = copy.first_seen.astimezone(self.zone).date()
        return receipt_day(sheet, day_of_folder(copy.found.folders), seen)

    def _batch(self, copy: Copy, *, alone: bool) -> str:
        """A file of several letters; letters that come in a file each, those of one day."""
        if not alone:
            return copy.digest
        day = copy.first_seen.astimezone(self.zone).date()
        return f"{self.source}/{day.isoformat()}"


def _doubtful(seen: Sequence[SeenPage], cutting: Cutting) -> set[int]:
    """Pages without ink that would be set apart or wait, if OCR reads no word on them."""
    lost = {number for number in cutting.sheets if seen[number - 1].blank}
    for piece in cutting.pieces:
        if piece.waits == BLANK:
            lost |= set(range(piece.first, piece.last + 1))
    return lost


def _to_read(pieces: Sequence[Piece], blank: AbstractSet[int], most: int) -> Iterator[int]:
    """The pages of a file that `read_pages` will probably ask for, in order."""
    for piece in pieces:
        if piece.waits is None:
            last = min(piece.last, piece.first + most - 1)
            yield from (page for page in range(piece.first, last + 1) if page not in blank)


async def read_pages(
    ocr: Ocr, file: Path, pages: Sequence[int], blank: AbstractSet[int], most: int = _MOST_READ
) -> list[PageText]:
    """Reads the pages of a document by OCR, at most the first `most`; returns a text for each page.

    That of a blank page, or of one that is not read, is empty. After three pages that took too
    long the rest is not read, since other files wait meanwhile.
    """
    texts: list[PageText] = []
    late = 0
    for place, number in enumerate(pages):
        if number in blank:
            texts.append(NO_WORDS)
        elif place >= most or late >= _MOST_LATE:
            texts.append(UNREAD)
        else:
            texts.append(await ocr.read(file, number))
            late += texts[-1].reason in _LATE
    return texts


def legible(texts: Sequence[PageText], sheets: int = 0) -> Legible:
    """Joins the OCR texts of a document's pages into one.

    `sheets`: pages before the letter, of another product; its stamp and head stand behind them.
    """
    first = next(iter(texts[sheets:]), NO_WORDS)
    words = sum(text.words for text in texts)
    sure = sum(text.confidence * text.words for text in texts)
    unread = tuple(n for n, text in enumerate(texts, start=1) if text.reason is not None)
    return Legible(
        tuple(text.text for text in texts),
        round(sure / words) if words else 0,
        unread,
        tuple(round(text.confidence) if text.words else None for text in texts),
        first.stamp,
        first.head,
        sheets + 1,
        tuple(WordPlaces(boxes=text.boxes, turned=text.turned) for text in texts),
    )
