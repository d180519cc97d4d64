"""The door to attached files: child processes open them, and the scans' OCR reads their pictures.

A file that ends its reader costs its own text: the others of the mail are read one by one. All of a
mail's files together cost ten seconds of a processor to open, whatever they hold (ADR 0119).
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from services.ingest.attachment_process.answers import FilesRead, ReadPiece
from services.ingest.attachment_process.containers import MOST_TEXT
from services.ingest.domain.attachments import (
    AttachedTexts,
    AttachmentText,
    looked_before,
    too_large_before,
    with_late,
)
from services.ingest.domain.document import Legible
from services.ingest.papers import PaperReader
from shared.content.plis import Attachment
from shared.platform.antivirus import Antivirus, AntivirusVerdict, Clean, Infected, Unlooked
from shared.platform.children import ChildDied, ChildFailed, ChildLimits, Children
from shared.platform.observability.logs import Log

PROGRAM = "services.ingest.attachment_child"
ALLOWANCE = ChildLimits(seconds=3, patience=60, memory=1_500_000_000)
MOST_SECONDS = 10.0
"""Of a processor, to open all files of a mail; OCR of what was opened has its own bounds."""
PATIENCE = 100.0
"""Seconds for all files of a mail: below the two minutes for which its receipt waits."""
LOOKS_SECONDS = 15.0
"""For the antivirus to look at all of them, before they are read."""
LATER_SECONDS = 120.0
"""For the same once they were read: nothing waits for it."""
LATE, NO_OCR = "late", "no-ocr"
_NAME = 200
"""Letters of a virus's name."""
_READ: TypeAdapter[FilesRead] = TypeAdapter(FilesRead)
_NOTHING: TypeAdapter[None] = TypeAdapter(None)

log = Log("attachments")


@dataclass(frozen=True, slots=True)
class _PieceText:
    """What was read of one file, attached or inside another."""

    text: str
    unread: str | None = None
    seen: Legible | None = None


@dataclass(slots=True)
class _OfOne:
    """What was read of one attachment until now."""

    texts: list[str] = field(default_factory=list)
    unread: str | None = None
    seen: Legible | None = None
    """What OCR read, if it read the file itself."""

    def add(self, piece: ReadPiece, read: _PieceText) -> None:
        if read.text.strip():
            named = len(piece.path) > 1 and piece.name
            self.texts.append((f"[{piece.name}]\n{read.text}" if named else read.text).strip())
        self.unread = self.unread or read.unread
        if len(piece.path) == 1:
            self.seen = read.seen

    @property
    def text(self) -> AttachmentText:
        """Text for its pli, with OCR's pages only where they are what the text has."""
        whole = "\n\n".join(self.texts)
        pages = () if self.seen is None or len(whole) > MOST_TEXT else self.seen.pages
        places = self.seen.places if self.seen is not None and pages else ()
        return AttachmentText(whole[:MOST_TEXT], self.unread, pages, places)


@dataclass(frozen=True, slots=True)
class Looks:
    """The results of scanning attachments for viruses: the virus's name, or "" for a clean file.

    They stand by the file's SHA-256. A file without a result is left out.
    """

    found: Mapping[str, str]
    away: bool = False
    """It did not answer for one of them at least: it may later."""
    too_large: AbstractSet[str] = frozenset()
    """Those, by SHA-256, that it takes from nobody."""


class AttachmentReader:
    """The reader of files attached to mails: sandboxed child processes, OCR for pictures.

    `papers` is `None` where nothing reads scans: pictures stay unread and say so. `antivirus`
    is `None` where nothing looks for viruses.
    """

    def __init__(
        self,
        papers: PaperReader | None,
        children: Children | None = None,
        antivirus: Antivirus | None = None,
    ) -> None:
        self._papers = papers
        self._children = children or Children(PROGRAM, ALLOWANCE)
        self._antivirus = antivirus

    async def antivirus_answers(self) -> bool:
        """Whether there is an antivirus, and it answers now."""
        return self._antivirus is not None and isinstance(await self._antivirus.look(b""), Clean)

    async def scan_for_viruses(
        self, octets: bytes, files: Sequence[Attachment], *, told: bool = False
    ) -> Looks:
        """Has the antivirus scan attachments of a mail, within fifteen seconds; returns results.

        Without an antivirus the results are those that the files bear from before; a virus found
        before stays until its file is called clean. `told`: the texts were published already; only
        files without a result are scanned, for two minutes at most.

        Raises:
            TemporaryFailure: no process can be started that takes them out of the mail.
        """
        if self._antivirus is None:
            return Looks(looked_before(files), too_large=too_large_before(files))
        before = looked_before(files)
        found = {sha256: virus for sha256, virus in before.items() if told or virus}
        seen = set(found) if told else set()
        too_large = set(too_large_before(files))
        away = False
        try:
            async with asyncio.timeout(LATER_SECONDS if told else LOOKS_SECONDS):
                for file in files:
                    if file.sha256 in seen:
                        continue
                    seen.add(file.sha256)
                    match await self._look(self._antivirus, octets, file):
                        case Clean():
                            found[file.sha256] = ""
                        case Infected(name):
                            log.warning("attachment_infected", signature=name)
                            found[file.sha256] = name[:_NAME]
                        case Unlooked(why, is_away) as unlooked:
                            log.warning("attachment_unlooked", why=why)
                            away = away or is_away
                            if unlooked.too_large:
                                too_large.add(file.sha256)
        except TimeoutError:
            away = True
            log.warning("attachments_unlooked", files=len(files), looked=len(found))
        return Looks(found, away, too_large)

    async def _look(
        self, antivirus: Antivirus, octets: bytes, file: Attachment
    ) -> AntivirusVerdict:
        try:
            content = await self._content(octets, (file.part,))
        except (ChildDied, ChildFailed) as failure:
            return Unlooked(str(failure))
        if len(content) != file.size:
            return Unlooked("it is not found in its mail")
        return await antivirus.look(content)

    async def _content(self, octets: bytes, path: Sequence[int]) -> bytes:
        request = {"do": "content", "path": list(path)}
        return (await asyncio.to_thread(self._children.ask, _NOTHING, request, octets))[1]

    async def read(self, octets: bytes, wanted: Sequence[Attachment]) -> AttachedTexts:
        """Reads the texts of these attachments of a mail; for a file that could not be read, why.

        Raises:
            TemporaryFailure: no process can be started that reads them.
        """
        found: dict[int, _OfOne] = {}
        try:
            pieces = self._pieces(octets, [file.part for file in wanted])
            async with asyncio.timeout(PATIENCE), aclosing(pieces):
                async for piece in pieces:
                    of_one = found.setdefault(piece.path[0], _OfOne())
                    of_one.add(piece, await self._text(octets, piece))
        except TimeoutError:
            log.warning("attachments_late", files=len(wanted), read=len(found))
        texts = AttachedTexts({part: one.text for part, one in found.items()})
        return with_late(texts, wanted, LATE)

    def close(self) -> None:
        """Ends the child processes that read attachments."""
        self._children.close()

    async def _pieces(self, octets: bytes, parts: Sequence[int]) -> AsyncGenerator[ReadPiece]:
        """What is read of the mail's files while that costs no more than its seconds.

        All are asked for at once, and one by one after a death; what is left when no other request
        may cost a death is not begun.
        """
        left, at_once, spent = list(parts), len(parts), 0.0
        while left and spent + ALLOWANCE.seconds <= MOST_SECONDS:
            asked = left[:at_once]
            try:
                read, _ = await asyncio.to_thread(
                    self._children.ask, _READ, {"do": "read", "parts": asked}, octets
                )
            except (ChildDied, ChildFailed) as failure:
                spent += ALLOWANCE.seconds
                if len(asked) == 1:
                    log.warning("attachment_ends_its_reader", why=str(failure))
                    yield ReadPiece((asked[0],), "", reason="ends-its-reader")
                    left = left[1:]
                at_once = 1
                continue
            spent += read.seconds
            begun = {piece.path[0] for piece in read.pieces}
            if not begun:
                return
            for piece in read.pieces:
                yield piece
            left = [part for part in left if part not in begun]
        if left:
            log.warning("attachments_too_dear", files=len(parts), left=len(left))

    async def _text(self, octets: bytes, piece: ReadPiece) -> _PieceText:
        """Of a picture its OCR; of a page whose own text is doubted, both."""
        if not piece.picture:
            return _PieceText(piece.text, piece.reason)
        if self._papers is None:
            return _PieceText(piece.text, NO_OCR)
        try:
            content = await self._content(octets, piece.path)
        except (ChildDied, ChildFailed):
            return _PieceText(piece.text, "ends-its-reader")
        started = time.monotonic()
        legible = await self._papers.read(content)
        log.info("attachment_read_by_ocr", seconds=round(time.monotonic() - started, 2))
        if not isinstance(legible, Legible):
            return _PieceText(piece.text, None if piece.text else legible.reason)
        seen = "\n\n".join(legible.pages).strip()
        unread = LATE if legible.unread else None
        return _PieceText("\n\n".join(part for part in (piece.text, seen) if part), unread, legible)
