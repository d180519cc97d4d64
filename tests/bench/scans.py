"""How well and how fast scans are read: `make bench WHAT=scans`.

Sheets first: 2,000 separator sheets, sheets of the day and letters with a label, at 200 dpi, as bad
as a copier makes them (tests/bench/scan_pages.py), each judged by what a batch around it is cut
into; 2,000 pages of letters, a tenth with a stranger's code, of which none may separate. Two pixels
out of focus is worse than promised, and printed apart.

Then OCR: the reading process (drawn, straightened, read) beside bare tesserocr, which has the same
pages as pictures in its memory, page by page in turns. What counts for each page is the processor
time of the process that read it; then two reading processes beside one, by the clock, and bare
tesserocr likewise, which tells what this machine had to give.

`python -m tests.bench.scans --help` has the sizes; a small case runs in seconds.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import psutil
import tesserocr
from PIL import Image

from deploy.embedded.downloads import tessdata
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.tesseract import LANGUAGE
from services.ingest.scan_reader import ReaderTimeouts, ScanReaderProcess
from services.ingest.scan_reader_pool import ScanReaderPool
from shared.platform import child_process
from tests.bench.said import Said
from tests.bench.scan_pages import BODIES, Kind, MadePage, bodies, is_understood, print_bases
from tests.papers import a_letter, as_pdf, scanned

SHEETS: Final[tuple[Kind, ...]] = ("separator", "day", "label")
SHARE_READ: Final = 99.5
OF_BARE, BY_TWO = 0.9, 1.8
OUT_OF_FOCUS: Final = 2.0
OCR_DPI: Final = 300
BUSY: Final = ReaderTimeouts(read=900, open=900)

_bare: tesserocr.PyTessBaseAPI | None = None


def understood(said: Said, at_once: Executor, folder: Path, o: argparse.Namespace) -> None:
    """Sheets that are read, letters that are cut, and what is worse than promised."""
    per_kind = o.sheets // len(SHEETS)
    sheets = [MadePage(kind, n, o.seed) for kind in SHEETS for n in range(per_kind)]
    right = list(at_once.map(partial(is_understood, folder=folder), sheets, chunksize=4))
    for kind in SHEETS:
        ours = [ok for page, ok in zip(sheets, right, strict=True) if page.kind == kind]
        said.goal(
            f"{kind}, of {len(ours)}: read", 100 * sum(ours) / len(ours), SHARE_READ, "%",
            least=True,
        )  # fmt: skip
    _missed(said, sheets, right)
    letters = [MadePage("letter", n, o.seed) for n in range(o.letters)]
    whole = list(at_once.map(partial(is_understood, folder=folder), letters, chunksize=4))
    said.goal(f"letters, of {len(letters)}: cut where nothing separates", whole.count(False), 0, "")
    _missed(said, letters, whole)
    for kind in SHEETS:
        worse = [MadePage(kind, n, o.seed, OUT_OF_FOCUS) for n in range(o.blurred)]
        found = sum(at_once.map(partial(is_understood, folder=folder), worse, chunksize=4))
        share = 100 * found / max(1, len(worse))
        said.fact(
            f"{kind}, {OUT_OF_FOCUS:g} pixels out of focus, of {len(worse)}: read", share, "%"
        )


def _missed(said: Said, pages: Sequence[MadePage], right: Sequence[bool]) -> None:
    missed = [page for page, ok in zip(pages, right, strict=True) if not ok]
    for page in missed[:5]:
        said.note(f"  not understood: {page.kind} {page.number} of seed {page.seed}")


def print_letters(folder: Path, count: int) -> list[Path]:
    """Files of one letter each, as a good copier scans them at 300 dpi."""
    files = list[Path]()
    for number, body in enumerate(islice(cycle(bodies()), count)):
        page = scanned(
            a_letter(body, dpi=OCR_DPI), tilt=(-1.5, 0, 1)[number % 3], noise=4, seed=number
        )
        files.append(folder / f"read-{number}.pdf")
        files[-1].write_bytes(as_pdf([page], OCR_DPI))
    return files


def read_bare(file: Path) -> float:
    """Seconds of processor of this process for a page by tesserocr alone, its picture at hand."""
    global _bare  # noqa: PLW0603  (one engine for each process, as the reading process has)
    if _bare is None:
        _bare = tesserocr.PyTessBaseAPI(path=str(tessdata()), lang=LANGUAGE, psm=tesserocr.PSM.AUTO)
    picture = _picture(file)
    octets = picture.tobytes()
    begun = time.process_time()
    _bare.SetImageBytes(octets, picture.width, picture.height, 1, picture.width)
    _bare.SetSourceResolution(OCR_DPI)
    if _bare.GetUTF8Text().strip():
        _bare.AllWordConfidences()
    _bare.Clear()
    return time.process_time() - begun


def _picture(file: Path) -> Image.Image:
    return open_pages(file).picture(1, OCR_DPI)[0]


async def read(said: Said, at_once: Executor, files: Sequence[Path]) -> None:
    """OCR of each page, ours and bare, one behind the other; then two at once."""
    loop = asyncio.get_running_loop()
    reader = ScanReaderProcess(tessdata(), BUSY, nice=0)
    ours, bare = list[float](), list[float]()
    try:
        await reader.read(files[0], 1)  # it starts
        for file in files:
            begun = _worked(reader)
            text = await reader.read(file, 1)
            ours.append(_worked(reader) - begun)
            if text.reason is not None:
                raise SystemExit(f"bench: {file.name} was not read ({text.reason})")
            bare.append(await loop.run_in_executor(at_once, read_bare, file))
    finally:
        await reader.close()
    said.fact("OCR: bare tesserocr, a page", 1000 * statistics.fmean(bare), "ms of processor")
    said.fact("OCR: the reading process, a page", 1000 * statistics.fmean(ours), "ms of processor")
    said.goal("OCR: of bare tesserocr, on one core", sum(bare) / sum(ours), OF_BARE, "", least=True)
    one, two = [await _by(count, files) for count in (1, 2)]
    begun = time.perf_counter()
    for file in files:
        read_bare(file)
    alone = time.perf_counter() - begun
    begun = time.perf_counter()
    await asyncio.gather(*(loop.run_in_executor(at_once, read_bare, file) for file in files))
    together = time.perf_counter() - begun
    said.fact("OCR: the reading process, by the clock", len(files) / one, "pages a second")
    said.fact("OCR: two at once: bare tesserocr, beside one", alone / together, "times")
    said.goal("OCR: two reading processes, beside one", one / two, BY_TWO, "times", least=True)
    said.note(f"load of this machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


async def _by(count: int, files: Sequence[Path]) -> float:
    """Seconds in which so many reading processes read all pages, once they run."""
    pool = ScanReaderPool(tessdata(), BUSY, count)
    try:
        await asyncio.gather(*(pool.read(file, 1) for file in files[:count]))
        begun = time.perf_counter()
        await asyncio.gather(*(pool.read(file, 1) for file in files))
        return time.perf_counter() - begun
    finally:
        await pool.close()


def _worked(reader: ScanReaderProcess) -> float:
    times = psutil.Process(reader.pid).cpu_times()
    return float(times.user + times.system)


async def bench(folder: Path, o: argparse.Namespace) -> Said:
    said = Said()
    os.environ.update(child_process.environment())  # of whom we start: one thread each
    at_once = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))
    try:
        await asyncio.to_thread(print_bases, folder, o.bodies)
        await asyncio.to_thread(understood, said, at_once, folder, o)
        await read(said, at_once, await asyncio.to_thread(print_letters, folder, o.pages))
    finally:
        at_once.shutdown()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scans")
    for name, size, what in (
        ("sheets", 2_000, "separator sheets, sheets of the day and labels together"),
        ("letters", 2_000, "pages of letters"),
        ("blurred", 100, "of each kind of sheet, out of focus by two pixels"),
        ("bodies", BODIES, "different letters of which their pages are made"),
        ("pages", 60, "pages that are read by OCR"),
        ("seed", 1, "of all that is made"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    return parser.parse_args(words)


def main() -> None:
    o = options()
    with tempfile.TemporaryDirectory() as name:
        said = asyncio.run(bench(Path(name), o))
    print(f"bench: {said.met} of {said.goals} goals met")  # noqa: T201  (a bench speaks to a terminal)
    raise SystemExit(said.met < said.goals)


if __name__ == "__main__":
    main()
