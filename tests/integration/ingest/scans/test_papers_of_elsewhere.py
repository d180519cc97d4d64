"""Papers that come back to us with a code of ours, and sheets of other products, in a folder."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import zxingcpp

from services.ingest.domain.judge_scan import judge_scan
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.scan_documents import ScanCutter
from services.ingest.scan_reader import ScanReaderProcess
from services.ingest.scans import ScanFolderSource
from shared.content.follow_codes import follow_code
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.paper.codes import DepartureCode
from shared.site.tables.mailboxes import ForeignSheet, ScanFolder
from tests.foreign_sheets import code_sheet, patch_sheet
from tests.ingest_builders import SECRET, indre_rules
from tests.papers import ASSOCIATION, BMI, a_letter, as_pdf, scanned, separator
from tests.scan_folders import PATIENCE, SHEETS, Stopped, Watch, take, three_days_before


async def test_our_letter_that_comes_back_names_its_item_and_separates_nothing(
    folder: Path, watch: Watch
) -> None:
    ours = DepartureCode(Chrono("36-2026-A-000123"), NoticeKind.PIECES)
    pages = [scanned(a_letter(), noise=8), scanned(a_letter(code=ours), tilt=1, noise=8)]
    (folder / "lot.pdf").write_bytes(as_pdf([*pages, separator(BMI), a_letter()]))
    documents = await take(watch(), 2)
    assert [(found.first_page, found.last_page, found.named) for found in documents] == [
        (1, 2, {"36-2026-A-000123"}),
        (4, 4, set()),
    ]


async def test_a_recepisse_scanned_with_a_letter_is_read_by_its_number_and_code(
    folder: Path, watch: Watch, reading: ScanReaderProcess
) -> None:
    chrono = Chrono("36-2026-A-000123")
    follows = follow_code(SECRET, chrono)
    body = f"Récépissé de dépôt. Numéro {chrono}. Code de suivi {follows.shown}."
    (folder / "lot.pdf").write_bytes(as_pdf([scanned(a_letter(body), noise=8)]))
    (document,) = await take(watch(reading), 1)
    found = judge_scan(document, ScanFolder(id="courrier", folder="courrier"), indre_rules())
    assert isinstance(found, ArrivalJudgement)
    assert found.scan is not None
    assert (found.scan.refers_to, found.scan.refers_by_code) == (chrono, True)


async def test_sheets_of_another_product_separate_where_the_site_names_them(
    folder: Path, reading: ScanReaderProcess
) -> None:
    row = ScanFolder(
        id="courrier",
        folder="courrier",
        foreign_sheets=(ForeignSheet(code="PATCH-T"), ForeignSheet(code="SEP BMI", service="bmi")),
    )
    code = code_sheet("SEP BMI", zxingcpp.BarcodeFormat.Code128)
    letters = [scanned(a_letter(), noise=8), scanned(a_letter(ASSOCIATION), noise=8)]
    batch = [scanned(patch_sheet("T"), tilt=1, noise=8), letters[0], code, letters[1]]
    (folder / "lot.pdf").write_bytes(as_pdf(batch))
    table = ScanCutter(
        "scans:courrier",
        replace(SHEETS, foreign=row.foreign),
        three_days_before,
        ZoneInfo("Europe/Paris"),
        reading,
        reading,
    )
    source = ScanFolderSource(folder, table, Stopped(), patience=PATIENCE, server_dates=False)
    found = await take(source, 2)
    seen = [
        (letter.first_page, letter.last_page, letter.separator, letter.home) for letter in found
    ]
    assert seen == [(1, 2, None, None), (3, 4, None, "bmi")]
    assert not any(letter.missed_separator for letter in found)
