"""What an antivirus says of a paper: infected, it stays shut; unlooked, it is read and says so."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.judge_form import judge_upload
from services.ingest.faults import InfectedScan
from services.ingest.paper_antivirus import file_unlooked, looked_at
from services.ingest.papers import whole_paper
from shared.content.spool import SpoolFile, UploadDeposit
from shared.facts.arrivals import Enter, Quarantine
from shared.facts.envelope import Digest, PersonId
from shared.facts.vocabulary import Channel
from shared.platform.antivirus import AntivirusVerdict, Unlooked
from tests.fake_clamd import EICAR, FakeAntivirus
from tests.ingest_builders import indre_rules

AT = datetime(2026, 5, 12, tzinfo=UTC)
FILE = SpoolFile(name="lettre.pdf", media_type="application/pdf", sha256=Digest("a" * 64), size=9)


def _paper(reading: Legible | Illegible) -> ScannedDocument:
    return whole_paper(FILE, b"%PDF-", AT, reading)


class Away:
    """An `Antivirus` that never answers, or that takes no file so large."""

    def __init__(self, *, too_large: bool = False) -> None:
        self._too_large = too_large

    async def look(self, content: bytes) -> AntivirusVerdict:
        """See `Antivirus`."""
        return Unlooked(f"{len(content)} octets are too many", too_large=self._too_large)


async def test_a_scan_is_looked_at_before_it_is_opened(tmp_path: Path) -> None:
    clean, infected = tmp_path / "clean", tmp_path / "infected"
    clean.write_bytes(b"%PDF-")
    infected.write_bytes(EICAR)
    assert await file_unlooked(FakeAntivirus(), clean, "scans:courrier") is None
    assert await file_unlooked(Away(), clean, "scans:courrier") is not None
    with pytest.raises(InfectedScan):
        await file_unlooked(FakeAntivirus(), infected, "scans:courrier")
    assert await file_unlooked(None, infected, "scans:courrier") is None, "nobody looks"


async def test_what_somebody_hands_in_is_looked_at() -> None:
    assert await looked_at(FakeAntivirus(), FILE, b"%PDF-", "x") == (FILE, None)
    assert await looked_at(None, FILE, EICAR, "x") == (FILE, None)
    marked = FILE.model_copy(update={"unlooked": True})
    assert await looked_at(Away(), FILE, b"%PDF-", "x") == (marked, None)
    large = FILE.model_copy(update={"unlooked": True, "too_large": True})
    assert await looked_at(Away(too_large=True), FILE, b"%PDF-", "x") == (large, None)
    assert "too_large" not in large.model_dump_json(), "the version before reads the spool too"
    assert await looked_at(FakeAntivirus(), FILE, EICAR, "x") == (FILE, Illegible("scan-infected"))


def test_an_infected_paper_waits_in_quarantine_and_an_unlooked_one_enters() -> None:
    upload = UploadDeposit(
        id="00000000-0000-4000-8000-000000000001",
        at=AT,
        by=PersonId("c.lerk"),
        channel=Channel.HAND_DELIVERED,
        files=(FILE,),
    )
    rules = indre_rules()
    infected = judge_upload(upload, FILE, _paper(Illegible("scan-infected")), rules)
    assert infected.verdict == Quarantine(reason="scan-infected")
    marked = FILE.model_copy(update={"unlooked": True})
    entered = judge_upload(upload, marked, _paper(Legible(("Bonjour",), 90)), rules)
    assert entered.verdict == Enter()
    assert entered.pli is not None
    assert [file.unlooked for file in entered.pli.attachments] == [True]
    assert [file.too_large for file in entered.pli.attachments] == [False]
    too_large = marked.model_copy(update={"too_large": True})
    large = judge_upload(upload, too_large, _paper(Legible(("Bonjour",), 90)), rules)
    assert large.pli is not None
    assert [file.too_large for file in large.pli.attachments] == [True]
