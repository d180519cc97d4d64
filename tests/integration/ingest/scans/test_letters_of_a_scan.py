"""Real files in a scan folder become letters, read by the real reading process."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pytest
import segno
from PIL import Image, ImageChops
from pydantic import SecretStr

from services.ingest.domain.document import Illegible, Legible, PaperDeparture
from services.ingest.domain.page_codes import Sheets
from services.ingest.scan_documents import ScanCutter
from services.ingest.scan_process.tiff import directories
from services.ingest.scan_reader import ScanReaderProcess
from services.ingest.scans import ScanFolderSource, open_scan_folder
from shared.calendar.working_days import working_calendar
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import DepartureCode, LabelCode
from shared.paper.sheets import separator_sheets
from shared.site.load import load_folder
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.mailboxes import ScanFolder
from tests.code_keys import KEYS
from tests.fake_ocr import FakeOcr
from tests.papers import (
    ASSOCIATION,
    BMI,
    DRCL,
    PREFECTURE,
    a_blank_back,
    a_letter,
    as_image,
    as_pdf,
    as_tiff,
    pictures,
    scanned,
    separator,
    sheet_of,
)
from tests.scan_folders import (
    NOW,
    PATIENCE,
    SHEETS,
    Stopped,
    Watch,
    left_in,
    put_away,
    take,
    three_days_before,
)


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
    folder: Path, watch: Watch, reading: ScanReaderProcess, tmp_path: Path
) -> None:
    batch = a_batch()
    (folder / "lot du matin.pdf").write_bytes(batch)
    documents = await take(watch(reading), 4)

    assert [(document.first_page, document.last_page) for document in documents] == [
        (4, 5), (6, 6), (8, 8), (10, 10),
    ]  # fmt: skip
    assert [document.separator for document in documents] == ["bmi", "bmi", "drcl", None]
    assert [document.label for document in documents] == [None, "000118", None, None]
    assert {(document.day, document.day_from) for document in documents} == {
        (date(2026, 5, 11), "sheet")
    }
    assert {document.batch for document in documents} == {documents[0].file}
    assert not any(document.missed_separator for document in documents)
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
    assert documents[0].reading.pages[1] == ""  # type: ignore[union-attr]  # of this kind here

    assert left_in(folder) == []
    (kept,) = put_away(folder)
    assert kept.name == f"{documents[0].file[:16]}-lot du matin.pdf"
    assert kept.read_bytes() == batch


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
    folder: Path, reading: ScanReaderProcess
) -> None:
    left = DepartureCode(Chrono("36-2026-A-000123"), NoticeKind.REPLY)
    (folder / "departs.pdf").write_bytes(as_pdf([a_letter(code=left), a_blank_back()]))
    sheets = Sheets(KEYS, "36", SHEETS.services, departures=True)
    table = ScanCutter(
        "scans:departs",
        sheets,
        three_days_before,
        ZoneInfo("Europe/Paris"),
        reading,
        FakeOcr(),
    )
    source = ScanFolderSource(folder, table, Stopped(), patience=PATIENCE, server_dates=False)
    (document,) = await take(source, 1)
    assert document.departure == PaperDeparture(Chrono("36-2026-A-000123"), NoticeKind.REPLY)
    assert (document.first_page, document.last_page) == (1, 2)


async def test_the_folder_of_a_site_is_watched_under_its_own_name(
    tmp_path: Path, reading: ScanReaderProcess
) -> None:
    site = load_folder(Path(__file__).parents[4] / "deploy/site/indre")
    row = ScanFolder(id="guichet", folder="guichet")
    (tmp_path / "guichet").mkdir()
    (tmp_path / "guichet" / "a.jpg").write_bytes(as_image(a_blank_back(), "JPEG"))
    applied = AppliedSite(
        version=1,
        digest="",
        effective_from=NOW,
        site=site,
        days=working_calendar(site.calendar.territory, site.calendar.closures),
        go_live=NOW,
    )
    source = open_scan_folder((applied, KEYS, None), row, tmp_path, tmp_path, reading, Stopped())
    (document,) = await take(source, 1)
    assert document.source == source.source == "scans:guichet"


async def test_a_page_that_cannot_be_drawn_stays_in_its_letter(folder: Path, watch: Watch) -> None:
    octets = as_tiff([a_letter(), a_letter(), separator(BMI), a_letter(ASSOCIATION)])
    at, size = directories(octets)[1].strips[0]
    (folder / "lot.tif").write_bytes(octets[:at] + b"\xff" * size + octets[at + size :])
    documents = await take(watch(), 2)
    assert [(document.first_page, document.last_page) for document in documents] == [(1, 2), (4, 4)]


async def test_a_batch_fed_wrong_side_up_is_quarantined(folder: Path, watch: Watch) -> None:
    (folder / "lot.pdf").write_bytes(as_pdf([a_blank_back(), a_blank_back(seed=2)]))
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible("scan-blank")


async def test_sheets_alone_are_quarantined(folder: Path, watch: Watch) -> None:
    (folder / "lot.pdf").write_bytes(as_pdf([separator(BMI), a_blank_back()]))
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible("scan-only-sheets")


async def test_a_day_folder_gives_the_day_and_without_it_the_day_is_asked_once_a_batch(
    folder: Path, watch: Watch
) -> None:
    for name in ("2026-05-11", "2026-05-13", "recommandés"):
        (folder / name).mkdir()
        (folder / name / "a.png").write_bytes(as_image(scanned(a_letter(), seed=len(name)), "PNG"))
    documents = await take(watch(), 3)
    assert sorted((str(document.day), document.day_from) for document in documents) == [
        ("2026-05-11", "folder"),
        ("None", "first_seen"),
        ("None", "first_seen"),
    ]
    assert {document.batch for document in documents} == {"scans:courrier/2026-05-12"}
    assert {document.first_seen for document in documents} == {NOW}


async def test_a_strangers_letter_that_bears_a_sheets_code_keeps_all_its_pages(
    folder: Path, watch: Watch
) -> None:
    """A sheet printed by anybody at its full size, with a letter written around it."""
    forged = a_letter().copy()
    code = segno.make_qr("VGM1:SEP:INDRE:BMI", error="h")
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=18, border=2)
    forged.paste(Image.open(drawn).convert("L").resize((520, 520)), (360, 700))
    (folder / "lot.pdf").write_bytes(as_pdf([separator(BMI), a_letter(), forged, a_letter()]))
    documents = await take(watch(), 2)
    assert [
        (document.first_page, document.last_page, document.separator) for document in documents
    ] == [
        (2, 2, "bmi"),
        (3, 4, None),
    ]


async def test_a_letter_printed_over_an_old_sheet_is_a_letter(folder: Path, watch: Watch) -> None:
    over = ImageChops.darker(separator(BMI), a_letter())
    (folder / "lot.pdf").write_bytes(as_pdf([a_letter(), scanned(over, tilt=1, noise=10)]))
    documents = await take(watch(), 2)
    assert [
        (document.first_page, document.last_page, document.separator) for document in documents
    ] == [
        (1, 1, None),
        (2, 2, "bmi"),
    ]


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (lambda: [sheet_of(date(1901, 1, 1)), a_letter()], "scan-day-sheet-not-of-today"),
        (lambda: [sheet_of(date(2026, 5, 8)), a_letter()], "scan-day-sheet-not-of-today"),
        (
            lambda: [a_letter(), sheet_of(date(2026, 5, 11)), a_letter()],
            "scan-day-sheet-misplaced",
        ),
    ],
)
async def test_a_batch_whose_day_sheet_is_old_or_misplaced_waits_whole(
    folder: Path, watch: Watch, batch: Callable[[], list[Image.Image]], reason: str
) -> None:
    octets = as_pdf(batch())
    (folder / "lot.pdf").write_bytes(octets)
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible(reason)
    assert document.octets == octets
    assert (document.day, document.day_from) == (None, "first_seen")


async def test_a_foreign_sheet_before_a_letter_stays_with_it_and_alone_it_waits(
    folder: Path, watch: Watch
) -> None:
    cher = CodeKeys.of("cher", SecretStr("secret of another préfecture"))
    neighbour = PREFECTURE.model_copy(update={"id": "cher"})
    (foreign, _) = pictures(separator_sheets(neighbour, [], cher))
    (folder / "lot.pdf").write_bytes(as_pdf([foreign, foreign, a_letter(), foreign]))
    documents = await take(watch(), 2)
    assert [(document.first_page, document.last_page) for document in documents] == [(1, 3), (4, 4)]
    assert documents[1].reading == Illegible("scan-doubtful-sheet")
