"""Whatever stands behind `Ocr` reads French, says how sure it is, and never fails for a page."""

import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np
import pikepdf
import pytest
from PIL import Image

from deploy.embedded.downloads import tessdata
from services.ingest.faults import Bomb
from services.ingest.ocr import Ocr
from services.ingest.scan_reader import ReaderTimeouts, ScanReaderProcess
from services.ingest.scan_reader_pool import ScanReaderPool
from shared.errors import PermanentFailure, TemporaryFailure
from tests.fake_ocr import FakeOcr
from tests.papers import TITRE_DE_SEJOUR, a_blank_back, a_letter, as_pdf, scanned

SAID = ("Madame, Monsieur", "titre de séjour", "récépissé", "3 mars 2026", "bienveillance")
Put = Callable[[list[Image.Image], list[str], int], Path]


@pytest.fixture(scope="module")
async def process() -> AsyncIterator[ScanReaderProcess]:
    reading = ScanReaderProcess(tessdata())
    yield reading
    await reading.close()


@pytest.fixture(params=["fake", "real"])
def ocr(request: pytest.FixtureRequest, process: ScanReaderProcess) -> Ocr:
    kind: Literal["fake", "real"] = request.param
    return FakeOcr() if kind == "fake" else process


@pytest.fixture
def put(ocr: Ocr, tmp_path: Path) -> Put:
    """Writes pages into a file and tells the fake what they say."""

    def write(pages: list[Image.Image], say: list[str], dpi: int) -> Path:
        octets = as_pdf(pages, dpi)
        if isinstance(ocr, FakeOcr):
            ocr.knows(octets, say)
        path = tmp_path / "scan"
        path.write_bytes(octets)
        return path

    return write


def peak_memory(pid: int | None) -> int:
    """Octets that a process ever held in memory at once."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1_000 * int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1])


def wait_until_gone(pid: int | None) -> None:
    """Five minutes at most."""
    deadline = time.monotonic() + 300
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


LETTER = f"Madame, Monsieur,\n{TITRE_DE_SEJOUR}"


@pytest.mark.parametrize(("dpi", "tilt"), [(300, 0.0), (300, 2.0), (200, -1.5)])
async def test_a_tilted_noisy_letter_is_read(ocr: Ocr, put: Put, dpi: int, tilt: float) -> None:
    page = scanned(a_letter(dpi=dpi), tilt=tilt, noise=18, blur=0.6)
    text = await ocr.read(put([page], [LETTER], dpi), 1)
    assert [words for words in SAID if words not in text.text] == []
    assert text.confidence >= 85
    assert text.words >= 40
    assert text.reason is None


async def test_a_blank_page_has_no_words_and_that_is_no_failure(ocr: Ocr, put: Put) -> None:
    text = await ocr.read(put([a_blank_back()], [""], 150), 1)
    assert (text.text, text.confidence, text.words, text.reason) == ("", 0.0, 0, None)


async def test_a_page_that_is_not_there_has_a_reason_in_place_of_words(ocr: Ocr, put: Put) -> None:
    text = await ocr.read(put([a_blank_back()], [""], 150), 2)
    assert (text.text, text.words, text.reason) == ("", 0, "scan-damaged")


async def test_a_damaged_file_has_a_reason_in_place_of_words(ocr: Ocr, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(b"%PDF-1.7\nnothing in between\n%%EOF\n")
    text = await ocr.read(tmp_path / "scan", 1)
    assert (text.text, text.words, text.reason) == ("", 0, "scan-damaged")


async def test_a_page_fed_upside_down_is_read(process: ScanReaderProcess, tmp_path: Path) -> None:
    page = scanned(a_letter(dpi=300), noise=10).transpose(Image.Transpose.ROTATE_180)
    (tmp_path / "scan").write_bytes(as_pdf([page], 300))
    text = await process.read(tmp_path / "scan", 1)
    assert "titre de séjour" in text.text
    assert text.confidence >= 85


async def test_the_reading_process_stays_small(process: ScanReaderProcess, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(as_pdf([a_letter(dpi=300)], 300))
    await process.read(tmp_path / "scan", 1)
    assert peak_memory(process.pid) < 300_000_000


async def test_a_page_that_takes_too_long_costs_its_text_and_the_next_is_read(
    tmp_path: Path,
) -> None:
    reading = ScanReaderProcess(tessdata(), ReaderTimeouts(read=0.01))
    (tmp_path / "scan").write_bytes(as_pdf([a_letter()]))
    try:
        assert (await reading.read(tmp_path / "scan", 1)).reason == "timeout"
        assert (await reading.look(tmp_path / "scan", 1)).blank is False
    finally:
        await reading.close()


async def frozen(reading: ScanReaderProcess, file: Path) -> int:
    """A reader that has a file open and gets no time any more; its pid."""
    await reading.open(file)
    pid = reading.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    return pid


async def test_a_machine_that_gives_the_reader_no_time_condemns_no_page(tmp_path: Path) -> None:
    """What counts is work: while it has no processor the clock goes on, and nothing else."""
    reading = ScanReaderProcess(tessdata(), ReaderTimeouts(look=1, patience=60))
    (tmp_path / "scan").write_bytes(as_pdf([a_letter()]))
    try:
        pid = await frozen(reading, tmp_path / "scan")
        looking = asyncio.create_task(reading.look(tmp_path / "scan", 1))
        await asyncio.wait({looking}, timeout=1.5)
        os.kill(pid, signal.SIGCONT)
        assert (await looking).blank is False
        assert reading.pid == pid
    finally:
        await reading.close()


async def test_a_reader_that_does_nothing_is_ended_by_the_clock_and_replaced(
    tmp_path: Path,
) -> None:
    reading = ScanReaderProcess(tessdata(), ReaderTimeouts(look=1, patience=2))
    (tmp_path / "scan").write_bytes(as_pdf([a_letter()]))
    try:
        pid = await frozen(reading, tmp_path / "scan")
        with suppress(Bomb):  # the second one may not be up in two seconds on a busy machine
            await reading.look(tmp_path / "scan", 1)
        assert reading.pid != pid
        await asyncio.to_thread(wait_until_gone, pid)
    finally:
        await reading.close()


async def test_a_reading_process_that_dies_is_replaced(tmp_path: Path) -> None:
    reading = ScanReaderProcess(tessdata())
    path = tmp_path / "scan"
    path.write_bytes(as_pdf([a_letter()]))
    try:
        await reading.look(path, 1)
        first = reading.pid
        assert first is not None
        os.kill(first, 9)
        assert (await reading.read(path, 1)).reason == "crash"
        assert (await reading.open(path)).pages == 1
        assert reading.pid != first
    finally:
        await reading.close()


async def test_a_reading_process_that_can_not_be_started_makes_no_bomb_of_a_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = ScanReaderProcess(tessdata())
    (tmp_path / "scan").write_bytes(as_pdf([a_blank_back()]))
    try:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", str(tmp_path / "nothing"))
            with pytest.raises(TemporaryFailure, match="can't be started"):
                await reading.open(tmp_path / "scan")
        assert (await reading.open(tmp_path / "scan")).pages == 1
    finally:
        await reading.close()


async def test_an_idle_reading_process_ends_by_itself(tmp_path: Path) -> None:
    reading = ScanReaderProcess(tessdata(), ReaderTimeouts(idle=0.05))
    (tmp_path / "scan").write_bytes(as_pdf([a_blank_back()]))
    assert reading.pid is None
    await reading.look(tmp_path / "scan", 1)
    pid = reading.pid
    await asyncio.to_thread(wait_until_gone, pid)
    assert reading.pid is None
    await reading.close()


def test_without_french_data_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_TESSDATA"):
        ScanReaderProcess(tmp_path)


def a_page_that_never_ends() -> bytes:
    """A form that draws itself twice, for ever: a few hundred octets."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        form = pdf.make_stream(b"/F Do /F Do")
        form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        form.BBox = [0, 0, 595, 842]
        drawn = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=pdf.make_indirect(form)))
        form.Resources = page.Resources = drawn
        page.Contents = pdf.make_stream(b"/F Do")
        pdf.save(out)
    return out.getvalue()


async def test_a_page_that_kills_its_reader_is_a_bomb_and_the_next_file_is_read(
    tmp_path: Path,
) -> None:
    reading = ScanReaderProcess(tessdata(), ReaderTimeouts(look=1))
    (tmp_path / "bomb").write_bytes(a_page_that_never_ends())
    (tmp_path / "scan").write_bytes(as_pdf([a_blank_back()]))
    try:
        with pytest.raises(Bomb):
            await reading.look(tmp_path / "bomb", 1)
        assert (await reading.open(tmp_path / "scan")).pages == 1
    finally:
        await reading.close()


async def test_a_page_that_takes_long_keeps_no_other_file_waiting(tmp_path: Path) -> None:
    reading = ScanReaderPool(tessdata(), ReaderTimeouts(look=3_600), count=2)
    (tmp_path / "bomb").write_bytes(a_page_that_never_ends())
    (tmp_path / "scan").write_bytes(as_pdf([a_blank_back(), a_letter()]))
    slow = asyncio.create_task(reading.look(tmp_path / "bomb", 1))
    try:
        assert (await reading.open(tmp_path / "scan")).pages == 2
        assert [(await reading.look(tmp_path / "scan", n)).blank for n in (1, 2)] == [True, False]
        assert "titre de séjour" in (await reading.read(tmp_path / "scan", 2)).text
        assert not slow.done()
    finally:
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        await reading.close()


async def test_pale_ink_is_read_and_bare_grain_costs_little(
    process: ScanReaderProcess, tmp_path: Path
) -> None:
    dark = np.asarray(a_letter(dpi=300), dtype=np.float32) / 255
    faded = scanned(Image.fromarray((225 + 23 * dark).astype(np.uint8)), noise=3)
    grain = scanned(Image.new("L", faded.size, 243), noise=15)
    (tmp_path / "scan").write_bytes(as_pdf([faded, grain], 300))
    read = await process.read(tmp_path / "scan", 1)
    assert all(words in read.text for words in ("récépissé", "titre de séjour"))
    nothing = await process.read(tmp_path / "scan", 2)
    assert (nothing.text, nothing.reason) == ("", None)
