"""An archive package with copies of its scans, where the site asks for them."""

import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO
from uuid import UUID

import pytest

from services.desk.archive.domain.manifest import parse
from services.desk.archive.domain.rules import wrong_in_manifest
from services.desk.archive.package import PackageWriter
from services.desk.archive.package_check import wrong_in_package
from services.desk.item_documents import STORY, Dossier, FiledDocument
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli, ScanText
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey
from tests.archive_builders import HEADING
from tests.bench.archive import made_items

DAY = date(2026, 5, 11)
NUMBER = "36-2026-A-000001"


async def a_dossier(blobs: LocalBlobs) -> Dossier:
    """An item with its story, a scan, a mail, and a scan whose pli is gone."""
    scan, mail = (
        Pli(kind=kind, sender=Correspondent(), answer_to=Correspondent(), scan=read)
        for kind, read in (("scan", ScanText(pages=("un",), confidence=90)), ("mail", None))
    )
    documents, keys = [FiledDocument(STORY, None, text="Histoire")], list[BlobKey]()
    for number, (octets, pli) in enumerate(
        [(b"%PDF-1.7 scan", scan), (b"From: ana", mail), (b"%PDF-1.7 alone", None)], start=1
    ):
        owner = UUID(int=number)
        key = await blobs.put(2026, owner, octets)
        keys.append(key)
        read = None if pli is None else await plis.write(blobs, 2026, owner, pli)
        documents.append(FiledDocument("Courrier reçu", DAY, key, pli=read))
    (made,) = made_items(keys[:1])
    return Dossier(made.sheet, documents, made.names)


async def copier(octets: bytes, title: str, scan: ScanText, into: IO[bytes]) -> None:
    into.write(f"%PDF-1.7 copy of {octets.decode()}, {title}, {scan.pages}".encode())


async def no_copier(octets: bytes, title: str, scan: ScanText, into: IO[bytes]) -> None:
    into.write(b"%PDF-1.7 a part of it")
    raise PermanentFailure(f"{octets!r} {title} {scan}")


async def add(writer: PackageWriter, dossier: Dossier, blobs: LocalBlobs) -> None:
    read = await writer.read(dossier, blobs)
    assert read is not None
    await writer.write(read, blobs, DAY)


async def packed(tmp_path: Path, **more: object) -> tuple[Path, str]:
    blobs, path = LocalBlobs(tmp_path / "blobs"), tmp_path / "package.zip"
    writer = PackageWriter(path, HEADING, **more)  # type: ignore[arg-type]  # a copier, or none
    await add(writer, await a_dossier(blobs), blobs)
    figures = await writer.close()
    assert figures.documents == 4
    assert wrong_in_package(path) == []
    with zipfile.ZipFile(path) as package:
        return path, package.read("manifest.xml").decode()


async def test_each_scan_has_its_copy_beside_it_in_the_same_group(tmp_path: Path) -> None:
    path, told = await packed(tmp_path, copier=copier)
    assert list(wrong_in_manifest(parse(told.encode()))) == []
    with zipfile.ZipFile(path) as package:
        assert [name for name in package.namelist() if "copie" in name] == [
            f"content/{NUMBER}/2-copie.pdf"
        ]
        copy = package.read(f"content/{NUMBER}/2-copie.pdf").decode()
        assert copy == f"%PDF-1.7 copy of %PDF-1.7 scan, {NUMBER}, ('un',)"
        assert package.read(f"content/{NUMBER}/2.pdf") == b"%PDF-1.7 scan"
    group = told[told.index('id="G1-2"') : told.index('id="G1-3"')]
    assert group.count("<BinaryDataObject") == 2
    assert group.index("BinaryMaster_1") < group.index("Dissemination_1")
    assert told.count("Dissemination_1") == 1
    assert told.count("<ArchiveUnit ") == 5, "the item and its documents; a copy is none"


async def test_one_copy_at_a_time_lies_beside_the_package(tmp_path: Path) -> None:
    blobs, met, files = LocalBlobs(tmp_path / "blobs"), list[int](), list[IO[bytes]]()

    async def counting(octets: bytes, title: str, scan: ScanText, into: IO[bytes]) -> None:
        met.append(sum(not file.closed for file in files))
        files.append(into)
        await copier(octets, title, scan, into)

    dossier = await a_dossier(blobs)
    documents = list(dossier.documents)
    thrice = replace(dossier, documents=[*documents, documents[1], documents[1]])
    writer = PackageWriter(tmp_path / "package.zip", HEADING, counting)
    await add(writer, thrice, blobs)
    await writer.close()
    assert met == [0, 0, 0], "each was in the package before the next was made"
    assert wrong_in_package(tmp_path / "package.zip") == []


@pytest.mark.parametrize("more", [{}, {"copier": no_copier}])
async def test_without_a_copy_the_package_has_the_original_as_ever(
    tmp_path: Path, more: dict[str, object]
) -> None:
    path, told = await packed(tmp_path, **more)
    assert "Dissemination" not in told
    with zipfile.ZipFile(path) as package:
        assert package.read(f"content/{NUMBER}/2.pdf") == b"%PDF-1.7 scan"
