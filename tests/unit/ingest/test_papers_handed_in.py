"""Papers handed in at the counter: cut at our sheets, read for our codes, like a folder's."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from services.ingest.arrival_writer import CandidateArrival
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.papers import PaperReader
from services.ingest.scan_documents import ScanCutter
from services.ingest.upload_letters import letters_of
from shared.content.plis import ScanText
from shared.content.spool import UploadDeposit, spool_file
from shared.facts.arrivals import Quarantine, ScanMarks
from shared.facts.envelope import Chrono, On, PersonId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel, NoticeKind
from shared.paper.codes import DayCode, DepartureCode, LabelCode
from tests.code_keys import KEYS
from tests.fake_lectern import FakeLectern, a_file
from tests.ingest_builders import indre_rules
from tests.scan_folders import SHEETS, three_days_before

AT = datetime(2026, 5, 12, 8, tzinfo=UTC)
DEPOSIT = UUID(int=7)
CHRONO = Chrono("36-2026-A-000123")
LETTER = KEYS.write(DepartureCode(CHRONO, NoticeKind.REPLY))
STICKER = KEYS.write(LabelCode("indre", 118))


async def handed_in(
    folder: Path, pages: tuple[str, ...], received_on: datetime | None = None
) -> list[CandidateArrival]:
    lectern = FakeLectern()
    cutter = ScanCutter(
        "spool", SHEETS, three_days_before, ZoneInfo("Europe/Paris"), lectern, lectern
    )
    octets = a_file(*pages)
    file = spool_file("lettre.pdf", "application/pdf", octets)
    upload = UploadDeposit(
        id=DEPOSIT,
        at=AT,
        by=PersonId("m.durand"),
        channel=Channel.HAND_DELIVERED,
        received_on=received_on,
        files=(file,),
    )
    reader = PaperReader(lectern, lectern, folder, cutter)
    papers = await reader.documents(file, octets, AT, f"{DEPOSIT}:0")
    return letters_of("indre", upload, 0, file, papers, indre_rules())


def judged(letter: CandidateArrival) -> ArrivalJudgement:
    (judgement,) = letter.judgements
    assert isinstance(judgement, ArrivalJudgement)
    return judgement


def marks(letter: CandidateArrival) -> ScanMarks:
    scan = judged(letter).scan
    assert scan is not None
    return scan


def read(letter: CandidateArrival) -> ScanText:
    pli = judged(letter).pli
    assert pli is not None
    assert pli.scan is not None
    return pli.scan


async def test_a_letter_of_ours_that_comes_back_names_its_item(tmp_path: Path) -> None:
    (letter,) = await handed_in(tmp_path, (LETTER, "Je vous renvoie votre lettre"))
    assert letter.arrival_id == arrival_id("indre", "spool", f"{DEPOSIT}:0")
    assert (marks(letter).refers_to, marks(letter).refers_by_code) == (CHRONO, True)


async def test_a_sticker_binds_a_paper_to_what_was_keyed(tmp_path: Path) -> None:
    (letter,) = await handed_in(tmp_path, (STICKER, "Bonjour"))
    assert (marks(letter).label, marks(letter).batch) == ("000118", None)


async def test_a_pile_with_sheets_is_a_letter_each(tmp_path: Path) -> None:
    first, second, third = await handed_in(
        tmp_path, ("un", "sheet", "deux", "encore", "sheet", STICKER)
    )
    assert [letter.arrival_id for letter in (first, second, third)] == [
        arrival_id("indre", "spool", name)
        for name in (f"{DEPOSIT}:0", f"{DEPOSIT}:0.1", f"{DEPOSIT}:0.2")
    ]
    pli = judged(second).pli
    assert pli is not None
    assert pli.text == "deux\n\nencore"
    assert judged(second).routing.service == "bmi"
    assert marks(third).label == "000118"
    assert len({marks(letter).batch for letter in (first, second, third)} - {None}) == 1
    assert len({judged(letter).fingerprint for letter in (first, second, third)}) == 3
    assert pli.attachments[0].sha256 == hashlib.sha256(second.octets).hexdigest()
    kept = UploadDeposit.model_validate_json(second.shown_as or "")
    assert (kept.service, kept.files[0].name) == ("bmi", ""), "judged again without its sheet"


async def test_a_sheet_of_the_day_dates_what_nobody_dated(tmp_path: Path) -> None:
    sheet = KEYS.write(DayCode("indre", date(2026, 5, 11)))
    (letter,) = await handed_in(tmp_path, (sheet, "Bonjour"))
    assert judged(letter).receipt == On(day=date(2026, 5, 11))
    assert (judged(letter).provisional, marks(letter).day_from) == (False, "sheet")
    said = datetime(2026, 5, 8, 10, tzinfo=UTC)
    (letter,) = await handed_in(tmp_path, (sheet, "Bonjour"), said)
    assert judged(letter).receipt == On(day=date(2026, 5, 8)), "the person goes before the sheet"


async def test_blank_pages_wait_for_a_person(tmp_path: Path) -> None:
    (blank,) = await handed_in(tmp_path, ("blank", "blank"))
    assert judged(blank).verdict == Quarantine(reason="scan-blank")


async def test_of_a_pile_of_many_letters_the_first_pages_of_each_are_read_and_it_is_said(
    tmp_path: Path,
) -> None:
    thick = tuple(f"page {number}" for number in range(1, 13))
    many = [read(letter) for letter in await handed_in(tmp_path, ("sheet", *thick) * 50)]
    assert len(many) == 50
    for scan in many:
        assert (scan.pages[9], scan.pages[10], scan.unread) == ("page 10", "", (11, 12))
    few = [read(letter) for letter in await handed_in(tmp_path, ("sheet", *thick) * 3)]
    assert [scan.unread for scan in few] == [(), (), ()]
