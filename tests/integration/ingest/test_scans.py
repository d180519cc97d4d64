"""A scan folder with real files in it, read by the real reading process."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from PIL import Image

from deploy.embedded.downloads import tessdata
from services.ingest.domain.document import (
    Departure,
    Illegible,
    Legible,
    PassEnded,
    ScannedDocument,
)
from services.ingest.domain.separators import Sheets
from services.ingest.domain.settling import Patience
from services.ingest.ocr import Ocr
from services.ingest.reader import ReadingProcess
from services.ingest.scan_documents import SortingTable
from services.ingest.scans import ScanFolderSource, open_scan_folder
from services.ingest.tiff import directories
from shared.codes import DepartureCode, LabelCode
from shared.errors import TemporaryFailure
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.words import NoticeKind
from shared.site.load import load_folder
from shared.site.mailboxes import ScanFolder
from tests.fake_ocr import FakeOcr
from tests.papers import (
    ASSOCIATION,
    BMI,
    DRCL,
    a_blank_back,
    a_letter,
    as_image,
    as_pdf,
    as_tiff,
    scanned,
    separator,
    sheet_of,
)

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
SHEETS = Sheets("indre", "36", frozenset({ServiceId(BMI.id), ServiceId(DRCL.id)}))
PATIENCE = Patience(still=timedelta(seconds=0.1), broken=timedelta(seconds=1.5))
DEADLINE = 60


class Stopped:
    """A clock that stands at NOW."""

    def now(self) -> datetime:
        return NOW

    async def pause(self, longest: timedelta) -> None:
        await asyncio.sleep(longest.total_seconds())


@pytest.fixture(scope="module")
async def reading() -> AsyncIterator[ReadingProcess]:
    process = ReadingProcess(tessdata())
    yield process
    await process.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "courrier"
    path.mkdir()
    return path


@pytest.fixture
def share_gone(folder: Path) -> None:
    folder.rmdir()


Watch = Callable[..., ScanFolderSource]


@pytest.fixture
def watch(folder: Path, reading: ReadingProcess) -> Watch:
    def source(ocr: Ocr | None = None, patience: Patience = PATIENCE) -> ScanFolderSource:
        table = SortingTable(
            "scans:courrier", SHEETS, ZoneInfo("Europe/Paris"), reading, ocr or FakeOcr()
        )
        return ScanFolderSource(
            folder,
            table,
            Stopped(),
            patience=patience,
            every=timedelta(seconds=0.02),
            largest=3_000_000,
            server_dates=False,
        )

    return source


async def take(source: ScanFolderSource, count: int) -> list[ScannedDocument]:
    """The next `count` documents, each taken as it comes."""
    taken: list[ScannedDocument] = []
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for one in told:
            if isinstance(one, ScannedDocument):
                await source.taken(one)
                taken.append(one)
                if len(taken) == count:
                    break
    return taken


async def passes(source: ScanFolderSource, count: int) -> list[ScannedDocument]:
    """What is yielded, and not taken, during `count` passes."""
    seen: list[ScannedDocument] = []
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for one in told:
            if isinstance(one, PassEnded):
                count -= 1
                if not count:
                    break
            else:
                seen.append(one)
    return seen


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".pris")


def put_away(folder: Path) -> list[Path]:
    return sorted((folder / ".pris" / "2026-05-12").iterdir())


def a_batch() -> bytes:
    """As the mail office feeds it: sheet of the day, sheets of services, a sticker, blank backs."""
    upside_down = scanned(a_letter(ASSOCIATION, day="6 mai 2026"), noise=8)
    return as_pdf(
        [
            sheet_of(date(2026, 5, 11)),
            a_blank_back(),
            scanned(separator(BMI), tilt=1, noise=10),
            scanned(a_letter(), tilt=1, noise=8),
            a_blank_back(seed=2),
            scanned(a_letter(code=LabelCode("indre", 118)), noise=8),
            separator(DRCL),
            upside_down.transpose(Image.Transpose.ROTATE_180),
            separator(),
            scanned(a_letter(ASSOCIATION), noise=8),
        ]
    )


async def test_a_batch_becomes_its_letters_each_with_its_day_service_label_and_words(
    folder: Path, watch: Watch, reading: ReadingProcess, tmp_path: Path
) -> None:
    batch = a_batch()
    (folder / "lot du matin.pdf").write_bytes(batch)
    documents = await take(watch(reading), 4)

    assert [(one.first_page, one.last_page) for one in documents] == [
        (4, 5), (6, 6), (8, 8), (10, 10),
    ]  # fmt: skip
    assert [one.separator for one in documents] == ["bmi", "bmi", "drcl", None]
    assert [one.label for one in documents] == [None, "000118", None, None]
    assert {(one.day, one.day_from) for one in documents} == {(date(2026, 5, 11), "sheet")}
    assert {one.batch for one in documents} == {documents[0].file}
    assert not any(one.missed_separator for one in documents)
    for one, words in zip(
        documents, ["titre de séjour", "titre de séjour", "association", "association"], strict=True
    ):
        assert isinstance(one.reading, Legible)
        assert words in one.reading.pages[0]
        assert one.reading.confidence >= 80
        assert len(one.reading.pages) == one.last_page - one.first_page + 1
        alone = tmp_path / "alone.pdf"
        alone.write_bytes(one.octets)
        with pikepdf.open(alone) as pdf:
            assert len(pdf.pages) == one.last_page - one.first_page + 1
    assert documents[0].reading.pages[1] == ""

    assert left_in(folder) == []
    (kept,) = put_away(folder)
    assert kept.name == f"{documents[0].file[:16]}-lot du matin.pdf"
    assert kept.read_bytes() == batch


async def test_a_file_that_is_still_written_waits_and_is_then_read_whole(
    folder: Path, watch: Watch
) -> None:
    octets = as_pdf([a_blank_back(), a_letter()])
    path = folder / "lot.pdf"
    path.write_bytes(octets[: len(octets) // 2])
    source = watch(patience=Patience(PATIENCE.still, timedelta(hours=1)))
    assert await passes(source, 30) == []
    with path.open("ab") as growing:
        growing.write(octets[len(octets) // 2 :])
    (document,) = await take(source, 1)
    assert isinstance(document.reading, Legible)
    assert document.octets == octets


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "scan-empty"),
        (b"%PDF-1.7 cut in the mid", "scan-truncated"),
        (b"%PDF-1.7 nothing in between %%EOF", "scan-damaged"),
        (b"PK\3\4 a letter typed in a word processor", "scan-unknown-type"),
        (bytes(3_000_001), "scan-too-large"),
    ],
)
async def test_what_cannot_be_read_is_quarantined_and_leaves_the_folder(
    folder: Path, watch: Watch, octets: bytes, reason: str
) -> None:
    (folder / "lot.pdf").write_bytes(octets)
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible(reason)
    assert (document.first_page, document.last_page) == (0, 0)
    assert document.octets == (octets if reason != "scan-too-large" else b"")
    (kept,) = put_away(folder)
    assert kept.read_bytes() == octets


async def test_a_file_with_a_password_keeps_its_kind_in_quarantine(
    folder: Path, watch: Watch
) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(folder / "lot.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible("scan-encrypted")
    assert document.media_type == "application/pdf"


async def test_two_letters_without_a_sheet_between_them_are_one_marked_document(
    folder: Path, watch: Watch
) -> None:
    octets = as_pdf([a_letter(), a_letter(ASSOCIATION)])
    ocr = FakeOcr()
    letter = "Le Blanc, le {} mai 2026\nMadame, Monsieur,\nVeuillez agréer nos salutations."
    ocr.knows(octets, [letter.format(4), letter.format(5)])
    (folder / "lot.pdf").write_bytes(octets)
    (document,) = await take(watch(ocr), 1)
    assert (document.first_page, document.last_page) == (1, 2)
    assert document.missed_separator


async def test_signed_letters_that_leave_are_told_by_their_code(
    folder: Path, reading: ReadingProcess
) -> None:
    left = DepartureCode(Chrono("36-2026-A-000123"), NoticeKind.REPLY)
    (folder / "departs.pdf").write_bytes(as_pdf([a_letter(code=left), a_blank_back()]))
    sheets = Sheets("indre", "36", SHEETS.services, departures=True)
    table = SortingTable("scans:departs", sheets, ZoneInfo("Europe/Paris"), reading, FakeOcr())
    source = ScanFolderSource(folder, table, Stopped(), patience=PATIENCE, server_dates=False)
    (document,) = await take(source, 1)
    assert document.departure == Departure(Chrono("36-2026-A-000123"), NoticeKind.REPLY)
    assert (document.first_page, document.last_page) == (1, 2)


async def test_the_folder_of_a_site_is_watched_under_its_own_name(
    tmp_path: Path, reading: ReadingProcess
) -> None:
    site = load_folder(Path(__file__).parents[3] / "deploy/site/indre")
    row = ScanFolder(id="guichet", folder="guichet")
    (tmp_path / "guichet").mkdir()
    (tmp_path / "guichet" / "a.jpg").write_bytes(as_image(a_blank_back(), "JPEG"))
    source = open_scan_folder(site, row, tmp_path, reading, Stopped())
    (document,) = await take(source, 1)
    assert document.source == source.source == "scans:guichet"


async def test_a_page_that_cannot_be_drawn_stays_in_its_letter(folder: Path, watch: Watch) -> None:
    octets = as_tiff([a_letter(), a_letter(), separator(BMI), a_letter(ASSOCIATION)])
    at, size = directories(octets)[1].strips[0]
    (folder / "lot.tif").write_bytes(octets[:at] + b"\xff" * size + octets[at + size :])
    documents = await take(watch(), 2)
    assert [(one.first_page, one.last_page) for one in documents] == [(1, 2), (4, 4)]


async def test_a_batch_fed_wrong_side_up_is_quarantined(folder: Path, watch: Watch) -> None:
    (folder / "lot.pdf").write_bytes(as_pdf([a_blank_back(), a_blank_back(seed=2)]))
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible("scan-blank")


async def test_sheets_alone_are_quarantined(folder: Path, watch: Watch) -> None:
    (folder / "lot.pdf").write_bytes(as_pdf([separator(BMI), a_blank_back()]))
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible("scan-only-sheets")


async def test_the_same_file_put_again_gives_the_same_documents_and_both_are_kept(
    folder: Path, watch: Watch
) -> None:
    octets = as_image(a_letter(), "JPEG")
    source = watch()
    (folder / "a.jpg").write_bytes(octets)
    (first,) = await take(source, 1)
    (folder / "b.jpg").write_bytes(octets)
    (again,) = await take(source, 1)
    assert (again.file, again.first_page, again.last_page) == (first.file, 1, 1)
    assert len(put_away(folder)) == 2


async def test_a_document_not_taken_stays_in_the_folder_and_comes_again(
    folder: Path, watch: Watch
) -> None:
    (folder / "lot.tif").write_bytes(as_tiff([a_letter(), separator(BMI), a_letter(ASSOCIATION)]))
    source = watch()
    first, second = await passes(source, 20)
    await source.taken(first)
    assert left_in(folder) == ["lot.tif"]
    again = await take(source, 2)
    assert [one.octets for one in again] == [first.octets, second.octets]
    assert second.media_type == "image/tiff"
    assert left_in(folder) == []


async def test_a_day_folder_gives_the_day_and_without_it_the_day_is_asked_once_a_batch(
    folder: Path, watch: Watch
) -> None:
    for name in ("2026-05-11", "2026-05-13", "recommandés"):
        (folder / name).mkdir()
        (folder / name / "a.png").write_bytes(as_image(scanned(a_letter(), seed=len(name)), "PNG"))
    documents = await take(watch(), 3)
    assert sorted((str(one.day), one.day_from) for one in documents) == [
        ("2026-05-11", "folder"),
        ("None", "first_seen"),
        ("None", "first_seen"),
    ]
    assert {one.batch for one in documents} == {"scans:courrier/2026-05-12"}
    assert {one.first_seen for one in documents} == {NOW}


async def test_links_pipes_and_strange_names_do_no_harm(
    folder: Path, watch: Watch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(as_image(a_letter(), "JPEG"))
    (folder / "link.jpg").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.pdf")
    name = os.fsdecode(b"-rf \xff\n" + b"e" * 240 + b".jpg")
    (folder / name).write_bytes(secret.read_bytes())
    source = watch()
    (document,) = await take(source, 1)
    assert document.name.startswith("-rf \N{REPLACEMENT CHARACTER}\n")
    assert await passes(source, 20) == []
    assert secret.exists()
    assert left_in(folder) == ["link.jpg", "pipe.pdf", "up"]


async def test_a_link_in_place_of_the_done_folder_is_not_followed(
    folder: Path, watch: Watch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / ".pris").symlink_to(elsewhere)
    (folder / "a.jpg").write_bytes(as_image(a_letter(), "JPEG"))
    await take(watch(), 1)
    assert left_in(folder) == ["a.jpg"]
    assert list(elsewhere.iterdir()) == []


async def test_a_file_replaced_while_it_was_read_is_read_again(folder: Path, watch: Watch) -> None:
    path = folder / "a.jpg"
    path.write_bytes(as_image(a_letter(), "JPEG"))
    source = watch()
    (old,) = await passes(source, 20)
    path.write_bytes(as_image(a_letter(ASSOCIATION), "JPEG"))
    await source.taken(old)
    (new,) = await take(source, 1)
    assert new.file != old.file
    assert len(put_away(folder)) == 1


@pytest.mark.usefixtures("share_gone")
async def test_a_share_that_is_gone_is_a_temporary_failure(watch: Watch) -> None:
    with pytest.raises(TemporaryFailure, match="scans:courrier"):
        await take(watch(), 1)
