"""Items go into a package one after the other, each read while the one before is written."""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from uuid import UUID

import pytest

from services.desk.archive import package_items
from services.desk.archive.package import PackageWriter
from services.desk.archive.package_check import wrong_in_package
from services.desk.archive.package_items import FoundLine
from shared.content import plis
from shared.content.blobs import Blob, LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from tests.archive_builders import HEADING
from tests.bench.archive import found, made_items


class AwayAtLast(LocalBlobs):
    """A store that can't be read any more once it gave so many files."""

    left = 1

    async def get(self, key: BlobKey) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise TemporaryFailure("away")
        return await super().get(key)


async def stored(blobs: LocalBlobs, *mails: bytes) -> Sequence[FoundLine]:
    """An item of each mail."""
    keys = await blobs.put_many(
        [Blob(2026, UUID(int=n), mail) for n, mail in enumerate(mails, start=1)]
    )
    return list(chain.from_iterable(found(made_items(keys))))


async def test_what_became_of_each_item_is_said_and_the_manifest_has_each_hash(
    tmp_path: Path,
) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    first, second, third, fourth = await stored(blobs, b"From: un", b"From: 2", b"From: 3", b"%PDF")
    await blobs.destroy(2026, UUID(int=2))
    keyed = Pli(kind="keyed", sender=Correspondent(name="Ana"), answer_to=Correspondent())
    told = await plis.write(blobs, 2026, UUID(int=9), keyed)
    line, dossier = fourth
    assert dossier is not None
    noted = replace(dossier, documents=[replace(dossier.documents[1], key=told)])
    writer = PackageWriter(tmp_path / "package.zip", HEADING)
    lines = [first, second, (third[0], None), (line, noted)]
    outcomes = await package_items.pack(writer, lines, blobs)
    assert list(outcomes.values()) == ["packed", "unreadable", "reopened", "packed"]
    await writer.close()
    assert wrong_in_package(tmp_path / "package.zip") == []
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        manifest = package.read("manifest.xml").decode()
        files = {name: package.read(name) for name in package.namelist()[:-1]}
    assert list(files) == [
        "content/36-2026-A-000001/1.txt",
        "content/36-2026-A-000001/2.eml",
        "content/36-2026-A-000004/1.txt",
    ]
    said = files["content/36-2026-A-000004/1.txt"].decode()
    assert said.startswith("De\u00a0: Ana\n"), "to be read, not as it is stored"
    for octets in files.values():
        assert hashlib.sha256(octets).hexdigest() in manifest


async def test_once_the_store_is_away_nothing_is_written_any_more(tmp_path: Path) -> None:
    blobs = AwayAtLast(tmp_path / "blobs")
    lines = await stored(blobs, b"From: un", b"From: deux")
    writer = PackageWriter(tmp_path / "package.zip", HEADING)
    with pytest.raises(TemporaryFailure, match="away"):
        await package_items.pack(writer, lines, blobs)
    assert list(writer.packed) == [lines[0][0].item_id], "the one before was written to its end"
