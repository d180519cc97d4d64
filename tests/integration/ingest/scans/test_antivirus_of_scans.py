"""A scanned file is looked at before it is opened: infected, it waits whole; else it is read."""

from pathlib import Path

from services.ingest.domain.document import Illegible, Legible
from shared.platform.antivirus import Clamd
from tests.fake_clamd import EICAR, FakeAntivirus, clamd
from tests.papers import BMI, a_letter, as_pdf, separator
from tests.scan_folders import Watch, left_in, put_away, take


async def test_an_infected_file_waits_whole_in_quarantine(folder: Path, watch: Watch) -> None:
    octets = as_pdf([a_letter()]) + EICAR
    (folder / "lot.pdf").write_bytes(octets)
    (document,) = await take(watch(antivirus=FakeAntivirus()), 1)
    assert document.reading == Illegible("scan-infected")
    assert document.octets == octets
    (kept,) = put_away(folder)
    assert kept.read_bytes() == octets


async def test_while_the_antivirus_is_away_each_letter_is_read_and_marked(
    folder: Path, watch: Watch, tmp_path: Path
) -> None:
    octets = as_pdf([separator(BMI), a_letter(), separator(BMI), a_letter()])
    (folder / "lot.pdf").write_bytes(octets)
    away = Clamd(str(tmp_path / "nobody.ctl"))
    for document in await take(watch(antivirus=away), 2):
        assert isinstance(document.reading, Legible)
        assert document.unlooked
    assert left_in(folder) == []
    assert away.silent


async def test_a_file_too_large_for_the_antivirus_is_read_and_says_so(
    folder: Path, watch: Watch
) -> None:
    octets = as_pdf([a_letter()])
    (folder / "lot.pdf").write_bytes(octets)
    async with clamd(says=lambda _: b"INSTREAM size limit exceeded. ERROR") as address:
        (document,) = await take(watch(antivirus=Clamd(address)), 1)
    assert isinstance(document.reading, Legible)
    assert (document.unlooked, document.too_large) == (True, True)


async def test_a_clean_file_is_not_marked(folder: Path, watch: Watch) -> None:
    (folder / "lot.pdf").write_bytes(as_pdf([a_letter()]))
    (document,) = await take(watch(antivirus=FakeAntivirus()), 1)
    assert isinstance(document.reading, Legible)
    assert not document.unlooked
