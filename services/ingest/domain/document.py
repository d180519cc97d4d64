"""The seam between reading a scan folder and keeping what it held.

A scan folder cuts its files into documents, reads them and yields them; whoever keeps them says
`taken` after the commit, and only then does the file leave the folder. Yielding a document twice is
harmless: the same octets and pages give the same arrival.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from services.ingest.domain.page_head import HeadBlock
from services.ingest.domain.stamps import ReadStamp, believable
from shared.content.plis import PageStamp, ScanText
from shared.content.word_places import WordPlaces
from shared.facts.envelope import Chrono, Digest, ServiceId
from shared.facts.vocabulary import NoticeKind


@dataclass(frozen=True, slots=True)
class PaperDeparture:
    """The code found on one of our outgoing paper letters: its chrono and its kind."""

    chrono: Chrono
    kind: NoticeKind


@dataclass(frozen=True, slots=True)
class Legible:
    """The text of a document's pages by OCR, never from the file's hidden text layer."""

    pages: tuple[str, ...]
    confidence: int
    """Mean confidence of the words, 0 to 100; 0 when there are none."""
    unread: tuple[int, ...] = ()
    """Pages of the document, from 1, that are not blank and that nobody read."""
    confidences: tuple[int | None, ...] = ()
    """Of each page, 0 to 100; `None`: it has no words. Empty where it was read before."""
    stamp: ReadStamp | None = None
    """The date stamp on its first page of text, whatever its day."""
    head: tuple[HeadBlock, ...] = ()
    """The blocks of the upper part of that page."""
    first: int = 1
    """That page: the second one where another product's sheet stands before the letter."""
    places: tuple[WordPlaces, ...] = ()
    """Where the words of each page stand."""

    def as_text(self, seen: date) -> ScanText:
        """Returns what a pli says of these pages, first scanned on the local day `seen`."""
        stamp = believable(self.stamp, seen)
        return ScanText(
            pages=self.pages,
            confidence=self.confidence,
            unread=self.unread,
            confidences=self.confidences,
            stamp=None
            if stamp is None
            else PageStamp(
                day=stamp.day,
                page=self.first,
                ratio=stamp.ratio,
                turned=stamp.turned,
                **asdict(stamp.box),
            ),
            head=self.head,
            places=self.places,
        )


@dataclass(frozen=True, slots=True)
class Illegible:
    """The outcome for a document that can't be opened or drawn: quarantine, with its reason."""

    reason: str
    """A code, such as `scan-encrypted`, `scan-damaged`, `scan-too-large`."""


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A document cut out of a scanned file: the pages between two separator sheets or stickers."""

    source: str
    """`scans:<id of the folder in mailboxes.yaml>`."""
    file: Digest
    """SHA-256 of the whole file as it stood in the folder."""
    first_page: int
    last_page: int
    """Pages in the file, from 1, both included; 0 and 0 when they can't be counted."""
    octets: bytes
    """This document alone; the whole file when it is one document or can't be opened."""
    media_type: str
    """`application/pdf`, `image/tiff`, …; `application/octet-stream` when unknown."""
    name: str
    """The file's name as the copier wrote it: for the pli, never for a log."""
    first_seen: datetime
    """UTC; when the folder was first seen to hold the file."""
    reading: Legible | Illegible
    day: date | None = None
    """Local day of receipt, from the sheet of the day, the folder or a person's answer."""
    day_from: Literal["sheet", "folder", "asked", "first_seen"] = "first_seen"
    separator: ServiceId | None = None
    """Service of the separator sheet that stood before the document; `None`: generic or none."""
    home: ServiceId | None = None
    """The same of another product's sheet, which anybody can print: no rule asks for it."""
    label: str | None = None
    """What the QR sticker on page one says, as it must be bound to a chrono."""
    departure: PaperDeparture | None = None
    named: frozenset[Chrono] = frozenset()
    """The items that codes of ours on it name: in a folder of arrivals, it came back to us."""
    form: bool = False
    """The public's form on paper: what is printed on it says nothing of what a person wants."""
    batch: str | None = None
    """What groups the documents whose date is asked once."""
    missed_separator: bool = False
    unlooked: bool = False
    """There is an antivirus, and it could not look at its file."""
    too_large: bool = False
    """It takes no file so large."""


@dataclass(frozen=True, slots=True)
class PassEnded:
    """The mark, between documents, that one pass over a scan folder has ended.

    Every file that was complete then was yielded before it.
    """

    source: str
    until: datetime
    missed: int = 0
    """Files that could not be read now: with any, the folder is not read until then."""
    ignored: Mapping[str, int] = field(default_factory=dict)
    """What stands there and is never read, by why (services/ingest/scan_files.py)."""
    came_back: int = 0
    """Files that changed after they were read, and are read again; since the source was opened."""


class ScanSource(Protocol):
    """The interface of a scan folder, which is watched and listed again for ever."""

    @property
    def source(self) -> str:
        """The name of this source: `scans:<id of the folder>`."""
        ...

    def documents(self) -> AsyncIterator[ScannedDocument | PassEnded]:
        """Yields the scan folder's documents without end, and `PassEnded` after each pass over it.

        A document comes again at the next pass until `taken` confirms that it is stored.

        Raises:
            TemporaryFailure: the folder can't be read now (share gone, rights): call again later.
        """
        ...

    async def confirm(self, document: ScannedDocument) -> None:
        """Confirms that a document is stored and committed; its scanned file may leave the folder.

        The file moves when all of its documents have been taken; taking one twice does nothing.
        """
        ...
