"""A file is believed whole only when it stayed so: what changes after it was read comes back."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.ingest.domain.document import Illegible, PassEnded, ScannedDocument
from services.ingest.domain.file_stability import StabilityLimits, may_read
from services.ingest.scan_cuts import CuttingsOfThisRun
from services.ingest.scan_documents import ScanCutter
from services.ingest.scan_files import Ignored, list_files
from services.ingest.scan_returns import PutAway
from services.ingest.scans import ScanFolderSource
from tests.fake_lectern import FakeLectern, a_file
from tests.scan_folders import DEADLINE, SHEETS, Stopped, three_days_before

SHORT = StabilityLimits(still=timedelta(seconds=0.05), broken=timedelta(seconds=1))
LONG = StabilityLimits(still=timedelta(seconds=0.05), broken=timedelta(hours=1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "courrier"
    path.mkdir()
    return path


@pytest.fixture
def watch(folder: Path) -> Callable[[StabilityLimits], ScanFolderSource]:
    def source(patience: StabilityLimits) -> ScanFolderSource:
        lectern = FakeLectern()
        table = ScanCutter(
            "scans:courrier", SHEETS, three_days_before, ZoneInfo("Europe/Paris"), lectern, lectern,
            CuttingsOfThisRun(),
        )  # fmt: skip
        every = timedelta(seconds=0.01)
        return ScanFolderSource(
            folder, table, Stopped(), patience=patience, every=every, server_dates=False
        )

    return source


Watch = Callable[[StabilityLimits], ScanFolderSource]


async def listen(source: ScanFolderSource) -> AsyncGenerator[ScannedDocument | PassEnded, None]:
    """All that comes, each document taken."""
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for document in told:
            if isinstance(document, ScannedDocument):
                await source.confirm(document)
            yield document


async def next_document(told: AsyncIterator[ScannedDocument | PassEnded]) -> ScannedDocument:
    async for document in told:
        if isinstance(document, ScannedDocument):
            return document
    raise AssertionError


@pytest.mark.parametrize("patience", [SHORT, LONG])
async def test_a_file_written_on_after_it_was_taken_comes_back_and_is_read_again(
    folder: Path, watch: Watch, patience: StabilityLimits
) -> None:
    """A TIFF page by page: its writer holds it open while it moves."""
    with (folder / "lot.tif").open("w+b") as writer:
        writer.write(a_file("one"))
        writer.flush()
        async with aclosing(listen(watch(patience))) as told:
            first = await next_document(told)
            assert (first.first_page, first.last_page) == (1, 1)
            writer.seek(0)
            writer.write(a_file("one", "two", "three"))
            writer.flush()
            whole = await next_document(told)
            assert (whole.first_page, whole.last_page) == (1, 3)
            assert whole.octets == a_file("one", "two", "three")
            async for event in told:
                if isinstance(event, PassEnded):
                    assert event.came_back == 1
                    break


async def test_a_file_in_a_day_folder_comes_back_there(folder: Path, watch: Watch) -> None:
    (folder / "2026-05-11").mkdir()
    with (folder / "2026-05-11" / "lot.pdf").open("w+b") as writer:
        writer.write(a_file("one"))
        writer.flush()
        async with aclosing(listen(watch(LONG))) as told:
            await next_document(told)
            writer.seek(0)
            writer.write(a_file("one", "two"))
            writer.flush()
            again = await next_document(told)
    assert (again.day, again.day_from, again.last_page) == (date(2026, 5, 11), "folder", 2)


async def test_what_a_share_says_of_times_is_not_trusted(folder: Path) -> None:
    """Rewritten in place with its old times: the octets are read at the end all the same."""
    away = PutAway(folder, "scans:courrier", SHORT)
    place = folder / ".pris" / "2026-05-12" / ("0" * 16 + "-lot.pdf")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"not what its name says")
    away.remember(place)
    async with asyncio.timeout(DEADLINE):
        while not (folder / "lot.pdf").exists():
            await asyncio.to_thread(away.look)
            await asyncio.sleep(0.02)
    assert away.came_back == 1


@pytest.mark.parametrize(("minutes", "watched"), [(1, True), (11, False)])
def test_what_another_process_put_away_shortly_before_is_watched_too(
    folder: Path, minutes: int, *, watched: bool
) -> None:
    place = folder / ".pris" / "2026-05-12" / ("0" * 16 + "-lot.pdf")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"not what its name says")
    written = datetime.fromtimestamp(place.stat().st_ctime, UTC)
    away = PutAway(folder, "scans:courrier", StabilityLimits(timedelta(0), timedelta(minutes=10)))
    away.adopt((date(2026, 5, 12), date(2026, 5, 11)), written + timedelta(minutes=minutes))
    place.write_bytes(b"written on")
    away.look()
    assert (folder / "lot.pdf").exists() is watched


async def test_two_files_of_one_name_do_not_overwrite_each_other(folder: Path) -> None:
    away = PutAway(folder, "scans:courrier", StabilityLimits(timedelta(0), timedelta(0)))
    place = folder / ".pris" / "2026-05-12" / ("0" * 16 + "-lot.pdf")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"changed")
    (folder / "lot.pdf").write_bytes(b"the next batch")
    away.remember(place)
    away.look()
    assert (folder / "lot.pdf").read_bytes() == b"the next batch"
    assert (folder / ("0" * 16 + "-lot.pdf")).read_bytes() == b"changed"


async def test_any_unreadable_file_waits_for_its_writer_before_its_verdict(
    folder: Path, watch: Watch
) -> None:
    """Half written: whoever is patient enough gets the whole letter, and no quarantine."""
    path = folder / "lot.pdf"
    path.write_bytes(a_file("one", "two")[:-2])
    async with aclosing(listen(watch(LONG))) as told:
        passes = 0
        async for event in told:
            assert isinstance(event, PassEnded)
            passes += 1
            if passes == 30:
                break
        path.write_bytes(a_file("one", "two"))
        document = await next_document(told)
    assert not isinstance(document.reading, Illegible)
    assert document.last_page == 2


def test_a_tiff_must_stand_still_for_longer() -> None:
    patience = StabilityLimits()
    assert may_read("lot.pdf", timedelta(seconds=4), patience) == "if_whole"
    assert may_read("lot.TIF", timedelta(seconds=8), patience) == "wait"
    assert may_read("lot.tiff", timedelta(seconds=9), patience) == "if_whole"


def test_what_is_never_read_is_counted(folder: Path) -> None:
    deep = folder / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    assert list_files(folder).ignored == {}, "an empty folder holds no letter"
    for path in (
        folder / ".secret.pdf",
        deep / "x.pdf",
        folder / "a" / "lot.pdf",
        folder / "b.xyz",
    ):
        path.write_bytes(b"x")
    for name in (".vaguemestre", "Thumbs.db", "._lot.pdf", "~$lettre.docx", ".DS_Store"):
        (folder / name).touch()
    (folder / ".pris").mkdir()
    (folder / "link.pdf").symlink_to(folder / "b.xyz")
    standing = list_files(folder)
    assert [found.name for found in standing.files] == ["lot.pdf", "b.xyz"]
    assert standing.ignored == {Ignored.HIDDEN: 1, Ignored.DEEP: 1, Ignored.NO_FILE: 1}


def test_a_folder_that_is_locked_keeps_nobody_from_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "locked").mkdir()
    (folder / "lot.pdf").write_bytes(b"x")
    scandir = os.scandir

    def refuses(path: Path) -> object:
        if path.name == "locked":
            raise PermissionError(13, "denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuses)
    standing = list_files(folder)
    assert [found.name for found in standing.files] == ["lot.pdf"]
    assert standing.ignored == {Ignored.LOCKED: 1}
