"""A SEDA 2.2 package (SIP): a ZIP with its manifest and, below `content`, each document once.

Items are added one after the other, so that memory holds the documents of one; a copy is never
there. The same items with the same documents at the same moment make the same octets.
"""

import asyncio
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Awaitable, Callable
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
from shared.content.blobs import Blobs
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

    async def add(self, dossier: Dossier, blobs: Blobs, ended_on: date) -> bool:
        """Adds an item with all its documents to the package, or nothing; returns if it did.

        It is left out where a document of it is damaged or missing; a copy that can't be made is
        left out alone. Raises TemporaryFailure when the blobs can't be read now.
        """
        files = list[tuple[bytes, str]]()
        for document in dossier.documents:
            try:
                files.append(await item_documents.read(blobs, document))
            except PermanentFailure:
                return False
        item = dossier.sheet.item
        packed = [
            await self._write(blobs, item.chrono, place, document, *file)
            for place, (document, file) in enumerate(
                zip(dossier.documents, files, strict=True), start=1
            )
        ]
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
        return True

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

    async def _copy(
        self, blobs: Blobs, document: FiledDocument, octets: bytes, title: str, into: IO[bytes]
    ) -> bool:
        """Write the copy of a scan into a file; whether there is one."""
        if self.copier is None or document.pli is None:
            return False
        try:
            scan = (await plis.read(blobs, document.pli)).scan
            if scan is not None:
                await self.copier(octets, title, scan, into)
        except PermanentFailure:
            return False
        return scan is not None

    async def _write(
        self,
        blobs: Blobs,
        chrono: str,
        place: int,
        document: FiledDocument,
        octets: bytes,
        ending: str,
    ) -> PackedDocument:
        """Write a document, and its copy as soon as that is made."""
        stem, title, day = f"{CONTENT}/{chrono}/{place}", document.title, document.day
        made = await asyncio.to_thread(self._document, f"{stem}{ending}", title, octets, day)
        copy: IO[bytes] = await asyncio.to_thread(tempfile.TemporaryFile, dir=self.path.parent)
        with copy:
            if not await self._copy(blobs, document, octets, chrono, copy):
                return made
            beside = await asyncio.to_thread(self._copied, f"{stem}-copie.pdf", title, copy, day)
        return replace(made, copy=beside)

    def _document(self, name: str, title: str, octets: bytes, day: date | None) -> PackedDocument:
        ending = Path(name).suffix
        self._entry(name, octets, deflated=ending in _DEFLATED)
        digest, kind = hashlib.sha256(octets).hexdigest(), item_documents.media_type(ending)
        return PackedDocument(name, title, digest, len(octets), kind, day)

    def _copied(self, name: str, title: str, copy: IO[bytes], day: date | None) -> PackedDocument:
        size, digest = copy.seek(0, os.SEEK_END), hashlib.sha256()
        copy.seek(0)
        with self._zip.open(_entry_of(name, deflated=False), "w") as entry:
            while piece := copy.read(_PIECE):
                digest.update(piece)
                entry.write(piece)
        return PackedDocument(
            name, title, digest.hexdigest(), size, item_documents.media_type(".pdf"), day
        )

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
