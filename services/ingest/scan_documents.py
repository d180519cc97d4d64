"""From one whole file to its documents: look at each page, cut, read, and give each its own octets.

Looking, reading and cutting happen in the reading process; nothing here fails because of a page. A
page that can't be drawn is a page without codes and without text, and stays in its document.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.receipt_day import DayFrom, day_of_folder, receipt_day
from services.ingest.domain.second_letter import misses_separator
from services.ingest.domain.separators import Cutting, Days, Piece, SeenPage, Sheets, cut
from services.ingest.faults import Unreadable
from services.ingest.media import HEAD, media_type
from services.ingest.ocr import NO_WORDS, Ocr, PageText
from services.ingest.reader import Lectern, Opened
from services.ingest.scan_files import Found
from shared.facts.envelope import Digest

_MOST_READ = 40  # pages of one document that OCR reads: the letter and its first enclosures
_NO_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Copy:
    """A file copied out of its folder; a file too large has an empty copy."""

    found: Found
    digest: Digest
    path: Path
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class SortingTable:
    """Where files are read, and what the site knows of their sheets."""

    source: str
    sheets: Sheets
    oldest_day_sheet: Callable[[date], date]
    """The oldest day of receipt that a sheet may give to what is scanned on a local day."""
    zone: ZoneInfo
    lectern: Lectern
    ocr: Ocr

    async def look(self, copy: Copy, opened: Opened) -> tuple[list[SeenPage], Cutting]:
        """What each page shows, and how the file is cut.

        Raises:
            Unreadable: not one page can be drawn.
        """
        seen: list[SeenPage] = []
        faults: list[Unreadable] = []
        for number in range(1, opened.pages + 1):
            try:
                seen.append(await self.lectern.look(copy.path, number))
            except Unreadable as fault:
                seen.append(SeenPage(number))
                faults.append(fault)
        if len(faults) == opened.pages:
            raise faults[0]
        today = copy.first_seen.astimezone(self.zone).date()
        days = Days(self.oldest_day_sheet(today), today)
        return seen, cut(seen, self.sheets, days)

    async def documents(self, copy: Copy) -> AsyncGenerator[tuple[ScannedDocument, bool], None]:
        """All documents of a whole file in order, and whether each is the last of them.

        A file without any (only sheets, only blank pages) is one document in quarantine.

        Raises:
            Unreadable: it can't be opened as pages, or none of them can be drawn.
        """
        opened = await self.lectern.open(copy.path)
        seen, cutting = await self.look(copy, opened)
        if cutting.waits is not None:
            yield self.quarantined(copy, cutting.waits), True
            return
        if not cutting.pieces:
            all_blank = all(page.blank for page in seen)
            yield self.quarantined(copy, "scan-blank" if all_blank else "scan-only-sheets"), True
        alone = len(cutting.pieces) == 1
        for piece in cutting.pieces:
            document = await self._document(copy, opened, seen, piece, alone=alone)
            yield document, piece is cutting.pieces[-1]

    def quarantined(self, copy: Copy, reason: str) -> ScannedDocument:
        """The whole file as one document that a person must look at."""
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
        self, copy: Copy, opened: Opened, seen: Sequence[SeenPage], piece: Piece, *, alone: bool
    ) -> ScannedDocument:
        if piece.waits is None:
            texts = await read_pages(self.ocr, copy.path, seen[piece.first - 1 : piece.last])
        else:
            texts = []
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
            reading=legible(texts) if piece.waits is None else Illegible(piece.waits),
            day=day,
            day_from=day_from,
            separator=piece.service,
            label=piece.label,
            departure=piece.departure,
            form=piece.form,
            batch=self._batch(copy, alone=alone),
            missed_separator=misses_separator([text.text for text in texts]),
        )

    async def _octets(self, copy: Copy, opened: Opened, piece: Piece) -> bytes:
        """The document alone; the whole file when it is one document, or can't be cut."""
        if (piece.first, piece.last) != (1, opened.pages):
            try:
                return await self.lectern.cut(copy.path, piece.first, piece.last)
            except Unreadable:
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


def first_seen(found: Found, now: datetime) -> datetime:
    """When the file came to stand there as it is, also if nobody was running to see it.

    The folder's server says it (the inode's last change); a clock that goes ahead is not believed.
    """
    appeared = datetime.fromtimestamp(found.stamp.changed / 1e9, UTC)
    return min(appeared, now)


async def read_pages(ocr: Ocr, file: Path, pages: Sequence[SeenPage]) -> list[PageText]:
    """What the pages of one document say; blank ones and those past the first forty say nothing."""
    return [
        NO_WORDS if page.blank or number >= _MOST_READ else await ocr.read(file, page.number)
        for number, page in enumerate(pages)
    ]


def legible(texts: Sequence[PageText]) -> Legible:
    """The pages of one document together."""
    words = sum(text.words for text in texts)
    sure = sum(text.confidence * text.words for text in texts)
    return Legible(tuple(text.text for text in texts), round(sure / words) if words else 0)
