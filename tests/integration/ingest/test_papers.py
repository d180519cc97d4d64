"""Papers handed in through a page, and papers read again, by the process that reads scans."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from pydantic import SecretStr

from deploy.embedded.downloads import tessdata
from services.ingest import safe_judges
from services.ingest.arrival_writer import CandidateArrival
from services.ingest.capture_metadata import of_scan
from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from services.ingest.domain.judge_scan import identity_of_scan
from services.ingest.papers import PaperReader, whole_paper
from services.ingest.safe_judges import judged_scan
from services.ingest.scan_reader import ScanReaderProcess
from shared.content import plis, spool
from shared.content.blobs import LocalBlobs
from shared.content.plis import Pli
from shared.content.spool import FormDeposit, SpoolFile, UploadDeposit
from shared.facts.envelope import ArrivalId, BlobKey, Digest, PersonId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel
from shared.platform.database import open_pool
from shared.site.tables.mailboxes import ScanFolder
from tests.ingest_builders import indre_rules
from tests.integration.ingest.door import NOW, Door, a_reread
from tests.papers import a_letter, as_pdf

COURRIER = ScanFolder(id="courrier", folder="courrier", service="courrier")


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=2)
    reading = ScanReaderProcess(tessdata())
    yield Door(pool, tmp_path, PaperReader(reading, reading, tmp_path))
    await reading.close()
    await pool.close()


def an_upload(name: str, media_type: str, octets: bytes) -> UploadDeposit:
    return UploadDeposit(
        id=uuid4(), at=NOW, by=PersonId("m.durand"), channel=Channel.HAND_DELIVERED,
        files=(spool.spool_file(name, media_type, octets),),
    )  # fmt: skip


async def pli(door: Door, fact: dict[str, object]) -> Pli:
    return await plis.read(LocalBlobs(door.folder / "blobs"), BlobKey(str(fact["pli"])))


async def test_a_paper_handed_in_is_read_like_a_scan_and_can_be_read_again(door: Door) -> None:
    letter = as_pdf([a_letter()])
    await door.ask(an_upload("lettre de M. X.pdf", "application/pdf", letter), letter)
    (first,) = await door.told()
    assert "titre de séjour" in (await pli(door, first)).text
    await door.ask(a_reread(ArrivalId(first["arrival_id"])))  # type: ignore[arg-type]  # unpacked, each of its own type
    _, again = await door.told()
    assert again["receipt"] == first["receipt"]
    assert await pli(door, again) == await pli(door, first)
    rows = await door.pool.fetchval("SELECT shown_as FROM ingest.arrivals")
    assert "lettre de M. X" not in rows


class Cut:
    """What reads papers, and takes each for so many letters."""

    def __init__(self, letters: int) -> None:
        self.letters = letters

    async def documents(
        self, file: SpoolFile, octets: bytes, at: datetime, _named: str
    ) -> list[ScannedDocument]:
        whole = whole_paper(file, octets, at, Legible((), 0))
        if self.letters == 1:
            return [whole]
        parts = (octets + bytes([number]) for number in range(self.letters))
        return [replace(whole, octets=part) for part in parts]


@pytest.mark.parametrize("letters", [1, 2])
async def test_what_a_former_version_kept_whole_is_not_cut_into_letters_beside_it(
    door: Door, tmp_path: Path, letters: int
) -> None:
    pile = b"%PDF-1.7 two letters with a sheet between them"
    upload = an_upload("pile.pdf", "application/pdf", pile)
    former = Door(door.pool, tmp_path, cast(PaperReader, Cut(1)))
    await former.ask(upload, pile)
    ours = Door(door.pool, tmp_path, cast(PaperReader, Cut(letters)))
    await ours.ask(upload, pile)
    assert len(await door.told()) == 1
    await ours.ask(an_upload("pile.pdf", "application/pdf", pile), pile)
    assert len(await door.told()) == 1 + letters, "another deposit of the same file is cut"


async def test_a_paper_that_cannot_be_opened_is_quarantined(door: Door) -> None:
    cut = as_pdf([a_letter()])[:2000]
    await door.ask(an_upload("lettre.pdf", "application/pdf", cut), cut)
    (fact,) = await door.told()
    assert fact["verdict"] == {"kind": "quarantine", "reason": "scan-truncated"}


async def test_a_text_handed_in_enters_for_a_person_to_open(door: Door) -> None:
    await door.ask(an_upload("note.odt", "application/vnd.oasis", b"PK..."), b"PK...")
    (fact,) = await door.told()
    assert fact["verdict"] == {"kind": "enter"}


async def test_a_scan_is_read_again_with_its_day_and_its_label(door: Door) -> None:
    octets = as_pdf([a_letter()])
    document = ScannedDocument(
        source="scans:courrier", file=Digest("a" * 64), first_page=3, last_page=3, octets=octets,
        media_type="application/pdf", name="lot.pdf", first_seen=NOW, reading=Illegible("timeout"),
        day=NOW.date(), day_from="sheet", label="000118",
    )  # fmt: skip
    arrival = arrival_id("indre", document.source, identity_of_scan(document))
    judged = judged_scan(document, COURRIER, indre_rules())
    shown = CandidateArrival(
        arrival, document.source, octets, NOW, (judged,), shown_as=of_scan(document)
    )
    await door.keeper.keep([shown], NOW)
    await door.ask(a_reread(arrival))
    first, again = await door.told()
    assert first["verdict"] == {"kind": "quarantine", "reason": "timeout"}
    assert (again["verdict"], again["revision"]) == ({"kind": "enter"}, 2)
    assert again["receipt"] == first["receipt"]
    scan = again["scan"]
    assert isinstance(scan, dict)
    assert (scan["label"], scan["day_from"]) == ("000118", "sheet")
    assert "titre de séjour" in (await pli(door, again)).text


@pytest.mark.parametrize("reason", ["scan-day-sheet-misplaced", "scan-day-sheet-not-of-today"])
async def test_a_batch_that_waits_whole_is_not_one_letter_when_it_is_read_again(
    door: Door, reason: str
) -> None:
    octets = as_pdf([a_letter(), a_letter()])
    document = ScannedDocument(
        source="scans:courrier", file=Digest("b" * 64), first_page=0, last_page=0, octets=octets,
        media_type="application/pdf", name="lot.pdf", first_seen=NOW, reading=Illegible(reason),
    )  # fmt: skip
    arrival = arrival_id("indre", document.source, identity_of_scan(document))
    judged = judged_scan(document, COURRIER, indre_rules())
    shown = CandidateArrival(
        arrival, document.source, octets, NOW, (judged,), shown_as=of_scan(document)
    )
    await door.keeper.keep([shown], NOW)
    await door.ask(a_reread(arrival))
    _, again = await door.told()
    assert again["verdict"] == {"kind": "quarantine", "reason": reason}


async def test_what_our_judge_stumbles_over_is_quarantined_and_the_others_go_on(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(safe_judges, "judge_form", stumble)
    monkeypatch.setattr(safe_judges, "judge_upload", stumble)
    await door.ask(FormDeposit(id=uuid4(), at=NOW, text="Bonjour"))
    await door.ask(an_upload("note.odt", "application/vnd.oasis", b"PK..."), b"PK...")
    facts = await door.told()
    assert [fact["verdict"] for fact in facts] == [
        {"kind": "quarantine", "reason": "not-judged"}
    ] * 2
    assert all((door.folder / "blobs" / str(fact["original"])).is_file() for fact in facts)
