"""A SEDA 2.2 package (SIP): a ZIP with its manifest and, below `content`, each document once.

Items are added one after the other, so that memory holds the documents of one, and of the next that
is read meanwhile; a copy is never there. The same items with the same documents at the same moment
make the same octets.
"""

import asyncio
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO, Final, TypeAlias

from services.desk import item_documents
from services.desk.archive.domain.manifest import (
    CONTENT,
    MANIFEST,
    PackedDocument,
    PackedItem,
    TransferHeading,
    manifest,
)
from services.desk.domain.days import local_day
from services.desk.item_documents import Dossier, FiledDocument
from shared.content import plis
from shared.content.blobs import Blobs, sha256_of
from shared.content.plis import ScanText
from shared.errors import PermanentFailure
from shared.facts.envelope import ItemId

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Of each entry."""
_PIECE: Final = 1 << 20
_DEFLATED: Final = frozenset({".eml", ".txt", ".json"})
"""What a ZIP makes smaller; a PDF or a picture is so already."""

ScanCopier: TypeAlias = Callable[[bytes, str, ScanText, IO[bytes]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PackageFigures:
    """The figures of a finished archive package: items, documents, octets, manifest hash."""

    items: int
    documents: int
    octets: int
    """Of the ZIP."""
    manifest: str
    """SHA-256 of its manifest, which has the hash of each document."""


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """Octets of a document that is to be packed, and its name there without the ending."""

    document: FiledDocument
    stem: str
    octets: bytes
    ending: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the octets: from the blob's key, where reading held them against it."""
        if self.document.key is None or self.ending == ".txt":
            return hashlib.sha256(self.octets).hexdigest()
        return sha256_of(self.document.key)


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item whose documents were read, and which is not in the package yet."""

    dossier: Dossier
    files: Sequence[_ReadFile]


@dataclass
class PackageWriter:
    """The writer of an archive package (ZIP of items to transfer); `close` adds its manifest."""

    path: Path
    heading: TransferHeading
    copier: ScanCopier | None = None
    """What writes the PDF/A copy of a scan into a file, of its octets, its title and what OCR read;
    raises PermanentFailure. `None`: the package has no copies."""
    packed: dict[ItemId, PackedItem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.path, "w")

    async def read(self, dossier: Dossier, blobs: Blobs) -> ReadItem | None:
        """Reads all documents of an item, while another may be written.

        `None`: one of them is damaged or missing, so that the item is left out. Raises
        TemporaryFailure when the blobs can't be read now.
        """
        files = list[_ReadFile]()
        for place, document in enumerate(dossier.documents, start=1):
            try:
                octets, ending = await item_documents.read(blobs, document)
            except PermanentFailure:
                return None
            stem = f"{CONTENT}/{dossier.sheet.item.chrono}/{place}"
            files.append(_ReadFile(document, stem, octets, ending))
        return ReadItem(dossier, files)

    async def write(self, read: ReadItem, blobs: Blobs, ended_on: date) -> None:
        """Adds an item that was read to the package; one is written at a time.

        A copy that can't be made is left out alone. Raises TemporaryFailure when the blobs can't be
        read now.
        """
        dossier, item = read.dossier, read.dossier.sheet.item
        packed = await self._write(blobs, item.chrono, read.files)
        zone, names = dossier.names.site.zone, dossier.names
        category = names.category(item.classification.category)
        self.packed[item.item_id] = PackedItem(
            item_id=str(item.item_id),
            chrono=item.chrono,
            title=f"{item.chrono} : {category}",
            service=names.service(item.service),
            category=category,
            received_on=local_day(item.receipt, zone),
            registered_at=item.opened.recorded_at.astimezone(zone),
            ended_on=ended_on,
            documents=packed,
        )

    async def close(self) -> PackageFigures:
        """Writes the manifest and ends the ZIP; returns the figures of what it contains."""
        told = manifest(self.heading, self.packed.values())
        await asyncio.to_thread(self._end, told)
        return PackageFigures(
            items=len(self.packed),
            documents=sum(len(item.documents) for item in self.packed.values()),
            octets=self.path.stat().st_size,
            manifest=hashlib.sha256(told).hexdigest(),
        )

    async def _write(
        self, blobs: Blobs, chrono: str, files: Sequence[_ReadFile]
    ) -> Sequence[PackedDocument]:
        """Write documents, each copy as soon as it is made, behind its document.

        Those between two scans are written in one turn of a thread: turns cost more than writing.
        """
        packed, waiting = list[PackedDocument](), list[_ReadFile]()
        for file in files:
            waiting.append(file)
            if self.copier is not None and file.document.pli is not None:
                packed += await asyncio.to_thread(self._documents, waiting)
                waiting = []
                packed[-1] = replace(packed[-1], copy=await self._copy(blobs, chrono, file))
        return [*packed, *(await asyncio.to_thread(self._documents, waiting) if waiting else ())]

    async def _copy(self, blobs: Blobs, chrono: str, file: _ReadFile) -> PackedDocument | None:
        """Write the copy of a scan; `None`: it is none, or none can be made."""
        copier, pli = self.copier, file.document.pli
        if copier is None or pli is None:
            return None
        try:
            scan = (await plis.read(blobs, pli)).scan
            if scan is None:
                return None
            copy: IO[bytes] = await asyncio.to_thread(tempfile.TemporaryFile, dir=self.path.parent)
            with copy:
                await copier(file.octets, chrono, scan, copy)
                return await asyncio.to_thread(self._copied, file, copy)
        except PermanentFailure:
            return None

    def _documents(self, files: Sequence[_ReadFile]) -> Sequence[PackedDocument]:
        return [self._document(file) for file in files]

    def _document(self, file: _ReadFile) -> PackedDocument:
        name, kind = f"{file.stem}{file.ending}", item_documents.media_type(file.ending)
        self._entry(name, file.octets, deflated=file.ending in _DEFLATED)
        return PackedDocument(
            name, file.document.title, file.sha256, len(file.octets), kind, file.document.day
        )

    def _copied(self, file: _ReadFile, copy: IO[bytes]) -> PackedDocument:
        name, document = f"{file.stem}-copie.pdf", file.document
        size, digest = copy.seek(0, os.SEEK_END), hashlib.sha256()
        copy.seek(0)
        with self._zip.open(_entry_of(name, deflated=False), "w") as entry:
            while piece := copy.read(_PIECE):
                digest.update(piece)
                entry.write(piece)
        kind = item_documents.media_type(".pdf")
        return PackedDocument(name, document.title, digest.hexdigest(), size, kind, document.day)

    def _end(self, told: bytes) -> None:
        self._entry(MANIFEST, told, deflated=True)
        self._zip.close()

    def _entry(self, name: str, octets: bytes, *, deflated: bool) -> None:
        self._zip.writestr(_entry_of(name, deflated=deflated), octets, compresslevel=1)


def _entry_of(name: str, *, deflated: bool) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    entry.external_attr = 0o600 << 16
    return entry
