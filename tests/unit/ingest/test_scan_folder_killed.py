"""Killed anywhere, late on any page, under other rules: the same file gives the same letters."""

import asyncio
import itertools
import tempfile
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.document import Illegible, PassEnded, ScannedDocument
from services.ingest.domain.file_stability import StabilityLimits
from services.ingest.scan_cuts import CuttingsOfThisRun, KeptCutting
from services.ingest.scan_documents import ScanCutter
from services.ingest.scans import ScanFolderSource
from shared.facts.envelope import Digest
from shared.platform.postgres.rows import UnreadableRow
from tests.fake_lectern import FakeLectern, a_file
from tests.scan_folders import DEADLINE, SHEETS, Stopped, left_in, three_days_before

AT_ONCE = StabilityLimits(still=timedelta(0), broken=timedelta(hours=1))
OTHER_SERVICES = replace(SHEETS, services=frozenset())
PAGES = st.lists(
    st.sampled_from(["sheet", "blank", "faint", "a", "b", "c"]), min_size=1, max_size=8
)


def a_source(
    folder: Path, lectern: FakeLectern, cuttings: CuttingsOfThisRun, *, closed: bool = False
) -> ScanFolderSource:
    """As a process that was just started opens it; `closed`: the services are gone since."""
    sheets = OTHER_SERVICES if closed else SHEETS
    zone = ZoneInfo("Europe/Paris")
    table = ScanCutter(
        "scans:courrier", sheets, three_days_before, zone, lectern, lectern, cuttings
    )
    return ScanFolderSource(
        folder,
        table,
        Stopped(),
        patience=AT_ONCE,
        every=timedelta(seconds=0.001),
        server_dates=False,
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[set[int], int, bool, bool]:
    """Pages late, documents kept before it is killed, whether the last is taken, other rules."""
    late = draw(st.sets(st.integers(1, 8), max_size=3))
    return late, draw(st.integers(0, 4)), draw(st.booleans()), draw(st.booleans())


@settings(deadline=None, max_examples=60)
@given(pages=PAGES, killed=st.lists(lives(), max_size=4))
def test_a_file_is_cut_once_whatever_happens_while_it_is_read(
    pages: Sequence[str], killed: Sequence[tuple[set[int], int, bool, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        registered = asyncio.run(_live(Path(name), pages, killed))
    ends = sorted(registered)
    if ends == [(0, 0)]:
        assert isinstance(registered[0, 0].reading, Illegible)
        return
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ends)), ends
    inside = {n for first, last in ends for n in range(first, last + 1)}
    written = {n for n, page in enumerate(pages, start=1) if page in {"a", "b", "c", "faint"}}
    assert written <= inside


async def _live(
    folder: Path, pages: Sequence[str], killed: Sequence[tuple[set[int], int, bool, bool]]
) -> dict[tuple[int, int], ScannedDocument]:
    """Every document that was kept, over all lives; the last one sees everything."""
    (folder / "lot.pdf").write_bytes(a_file(*pages))
    database, registered = CuttingsOfThisRun(), dict[tuple[int, int], ScannedDocument]()
    for late, count, taken, closed in killed:
        source = a_source(folder, FakeLectern(late), database, closed=closed)
        await _listen(source, registered, count, take_last=taken)
    source = a_source(folder, FakeLectern(), database)
    await _listen(source, registered, 100, take_last=True)
    assert left_in(folder) == []
    return registered


async def _listen(
    source: ScanFolderSource,
    registered: dict[tuple[int, int], ScannedDocument],
    count: int,
    *,
    take_last: bool,
) -> None:
    """Keep `count` documents and be killed, before or after the last was said to be taken."""
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for document in told:
            if isinstance(document, PassEnded):
                return
            if count == 0:
                return
            count -= 1
            registered.setdefault((document.first_page, document.last_page), document)
            if count or take_last:
                await source.confirm(document)


async def test_a_verdict_on_a_whole_file_stands_too(tmp_path: Path) -> None:
    """Killed after a file was judged blank, it is not registered as letters another time."""
    folder = tmp_path / "courrier"
    folder.mkdir()
    (folder / "lot.pdf").write_bytes(a_file("a", "b", "c", "d"))
    database, registered = CuttingsOfThisRun(), dict[tuple[int, int], ScannedDocument]()
    late = FakeLectern(late={1, 2, 3, 4})
    await _listen(a_source(folder, late, database), registered, 1, take_last=False)
    await _listen(a_source(folder, FakeLectern(), database), registered, 100, take_last=True)
    assert list(registered) == [(0, 0)]
    assert registered[0, 0].reading == Illegible("scan-bomb")
    assert left_in(folder) == []


async def test_a_slow_file_keeps_no_other_waiting(tmp_path: Path) -> None:
    """Nor does it end the pass: what stood there is not all read."""
    folder = tmp_path / "courrier"
    folder.mkdir()
    (folder / "a slow one.pdf").write_bytes(a_file("slow"))
    source = a_source(folder, FakeLectern(slow="slow"), CuttingsOfThisRun())
    seen: list[str] = []
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        for n in range(20):
            (folder / f"letter {n:02}.pdf").write_bytes(a_file("a letter"))
        async for document in told:
            assert isinstance(document, ScannedDocument)
            seen.append(document.name)
            await source.confirm(document)
            if len(seen) == 20:
                break
    assert sorted(seen) == [f"letter {n:02}.pdf" for n in range(20)]
    assert left_in(folder) == ["a slow one.pdf"]


async def test_a_file_of_which_nobody_knows_how_it_was_cut_waits_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    """Cut anew it could be other letters: those that were registered would come twice."""
    folder = tmp_path / "courrier"
    folder.mkdir()
    (folder / "a broken one.pdf").write_bytes(a_file("broken"))
    (folder / "letter.pdf").write_bytes(a_file("a letter"))
    broken = Digest(sha256((folder / "a broken one.pdf").read_bytes()).hexdigest())

    class Spoiled(CuttingsOfThisRun):
        async def of(self, source: str, file: Digest) -> KeptCutting | None:
            if file == broken:
                raise UnreadableRow("ingest.cuttings", file, "missing at cutting")
            return await super().of(source, file)

    source = a_source(folder, FakeLectern(), Spoiled())
    seen: list[str] = []
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for document in told:
            assert isinstance(document, ScannedDocument), "the pass ends only when all was read"
            seen.append(document.name)
            await source.confirm(document)
            break
    assert seen == ["letter.pdf"]
    assert left_in(folder) == ["a broken one.pdf"]
