"""A package of 10,000 items for the archive, made and checked: `make bench WHAT=archive`.

Two thirds are mails of 60 kB, one third scans of 150 kB, each with its story: what a package takes
in time, octets and memory, and what it takes to check it (`SEDA=FOLDER` adds the schema). Beside
it the raw limit, before and after: the same files read with their hash and put into a ZIP, with
nothing said of them.
Items are made in memory; what their look-up costs the register is not measured here.
"""

import asyncio
import base64
import os
import random
import resource
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from services.desk.archive import package_items
from services.desk.archive.package import PackageWriter
from services.desk.archive.package_check import wrong_in_package
from services.desk.archive.package_items import FoundLine
from services.desk.archive.store.transfers import TransferLine
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.french.names import Names
from services.desk.item_documents import STORY, Dossier, FiledDocument
from services.desk.store.archive_transfers import PACKED
from services.desk.store.sheets import ItemSheet
from shared.content.blobs import Blob, LocalBlobs
from shared.facts.envelope import At, BlobKey, Chrono, EventId, ItemId
from shared.facts.items.base import Classification
from shared.facts.items.registration import ItemRegistered
from shared.facts.vocabulary import Category, Channel, Nature
from shared.site.staff.directory import Directory
from tests.archive_builders import HEADING
from tests.bench.said import Said
from tests.desk_builders import MONDAY, a_site

ITEMS: Final = 10_000
MAIL, SCAN = 60_000, 150_000
AT_ONCE: Final = 500
TOLD: Final = "11/05/2026 à 10:00 : Enregistré, adressé au Bureau bmi (Vaguemestre)\n" * 12
ENDED: Final = date(2026, 6, 1)
SLOWEST: Final = 5.0
"""Times the raw limit."""


def octets(number: int) -> bytes:
    """A mail, or a scan, whose octets are its own."""
    made = random.Random(number)  # noqa: S311  (octets of a bench)
    if number % 3:
        return b"From: a@b.example\r\n\r\n" + base64.encodebytes(made.randbytes(MAIL * 3 // 4))
    return b"%PDF-1.7\n" + made.randbytes(SCAN)


async def stored(blobs: LocalBlobs) -> list[BlobKey]:
    """The originals, as ingest keeps them."""
    keys = list[BlobKey]()
    for start in range(0, ITEMS, AT_ONCE):
        some = [Blob(2026, UUID(int=n + 1), octets(n)) for n in range(start, start + AT_ONCE)]
        keys += await blobs.put_many(some)
    return keys


def made_items(keys: list[BlobKey]) -> Iterator[Dossier]:
    """The items, each with its story and its original."""
    names = Names(a_site(), Directory({}, (), {}))
    for number, key in enumerate(keys, start=1):
        opened = ItemRegistered(
            event_id=EventId(UUID(int=number)), item_id=ItemId(UUID(int=number)), seq=1,
            happened_at=MONDAY, recorded_at=MONDAY, by="service:desk",
            chrono=Chrono(f"36-2026-A-{number:06d}"), channel=Channel.EMAIL,
            receipt=At(instant=MONDAY), service="bmi", qualified=True, arrival_id=None, pli=None,
            classification=Classification(
                category=Category("titre-de-sejour"), nature=Nature.REQUEST, perimeter=True
            ),
        )  # fmt: skip
        sheet = ItemSheet(fold([opened]), [opened], {}, (), (), (), None)
        documents = [
            FiledDocument(STORY, None, text=f"{opened.chrono}\n{TOLD}"),
            FiledDocument("Courrier reçu", date(2026, 5, 11), key),
        ]
        yield Dossier(sheet, documents, names)


def found(items: Iterator[Dossier]) -> Iterator[Sequence[FoundLine]]:
    """The items with their lines, as many at once as a transfer looks up in one go."""
    while few := list(islice(items, package_items.AT_ONCE)):
        yield [(_line(dossier.sheet.item), dossier) for dossier in few]


def _line(item: Item) -> TransferLine:
    category = item.classification.category
    return TransferLine(item.item_id, item.chrono, category, ENDED, date(2029, 6, 2), None)


async def bare(blobs: LocalBlobs, keys: list[BlobKey], path: Path) -> float:
    """Seconds to read the files with their hashes and put them into a ZIP."""
    begun = time.monotonic()
    with zipfile.ZipFile(path, "w") as plain:
        for number, key in enumerate(keys):
            content = await blobs.get(key)
            plain.writestr(str(number), content)
            plain.writestr(f"{number}.txt", TOLD)
    return time.monotonic() - begun


async def measure(folder: Path) -> Said:
    """Make, check and compare."""
    said, blobs = Said(), LocalBlobs(folder / "blobs")
    keys = await stored(blobs)
    raws = [await bare(blobs, keys, folder / "plain.zip")]
    begun = time.monotonic()
    writer = PackageWriter(folder / "package.zip", HEADING)
    for few in found(made_items(keys)):
        assert set((await package_items.pack(writer, few, blobs)).values()) == {PACKED}
    figures = await writer.close()
    made = time.monotonic() - begun
    raws.append(await bare(blobs, keys, folder / "plain.zip"))  # neighbours hinder all
    raw = statistics.mean(raws)
    schema = Path(os.environ["SEDA"]) if "SEDA" in os.environ else None
    begun = time.monotonic()
    wrong = wrong_in_package(folder / "package.zip", schema)
    checked = time.monotonic() - begun
    with zipfile.ZipFile(folder / "package.zip") as package:
        manifest = package.getinfo("manifest.xml")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said.note(f"{figures.items} items, {figures.documents} documents")
    said.fact("bare: read, hashed, put into a ZIP", raw, "s")
    said.fact("its size", (folder / "plain.zip").stat().st_size / 1e6, "MB")
    said.goal("package, beside the bare ZIP", made / raw, SLOWEST, "×")
    said.fact("package: made", made, "s")
    said.fact("its size", figures.octets / 1e6, "MB")
    said.fact("its manifest", manifest.file_size / 1e6, "MB")
    said.fact(f"checked by rules{'' if schema is None else ' and schema'}", checked, "s")
    said.fact("memory at most, the check included", memory, "MB")
    said.goal("wrong in it", len(wrong), 0, "things")
    return said


def main() -> None:
    """Measure in a folder that is taken away."""
    with tempfile.TemporaryDirectory(prefix="vaguemestre-bench-") as folder:
        said = asyncio.run(measure(Path(folder)))
    sys.stdout.write(f"bench: {said.met} of {said.goals} goals met\n")
    raise SystemExit(said.met < said.goals)


if __name__ == "__main__":
    main()
