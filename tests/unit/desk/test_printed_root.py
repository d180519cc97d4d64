"""A printed paper carries the last root: sixteen signs to read, a code that opens the page."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pypdfium2
import pytest
import zxingcpp

from services.desk.domain.months import Month
from services.desk.domain.roots import Root
from services.desk.french.names import Names
from services.desk.french.printed_root import line
from services.desk.indicators import monthly_sheet
from services.desk.pages.office import papers
from services.desk.retention import destruction_list
from services.desk.store.slips import Slip
from shared.facts.envelope import Digest
from shared.paper.sheets import day_sheets
from shared.site.staff.directory import Directory
from tests.code_keys import KEYS
from tests.desk_builders import a_site

AT = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
DAY = date(2026, 5, 12)
ROOT = Root(7, DAY, "0" * 64, Digest("1a2b3c4d5e6f7081" + "9" * 48), 3, AT)
SAID = "Empreinte du registre, scellée le 12/05/2026 à 10 h 00 : 1a2b 3c4d 5e6f 7081"
SITE = a_site()
SLIP = Slip(
    "36-2026-E-0001", "q.officer", AT, "0" * 64, None, None, None, None, None, None, None, None
)  # fmt: skip


def carried(root: Root | None) -> bytes:
    return papers.bordereau(Names(SITE, Directory({}, (), {})), "bmi", DAY, [], root)


def slip(root: Root | None) -> bytes:
    return destruction_list.print_slip(SLIP, [], root, SITE)


def month(root: Root | None) -> bytes:
    head = Month(date(2026, 4, 1), AT, DAY, "q.officer", 1, "0" * 64, 0.9)
    return monthly_sheet.print_month(head, [], 12, "Camille Officer", None, root, SITE)


def text_of(pdf: bytes) -> str:
    return " ".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())


@pytest.mark.parametrize("paper", [carried, slip, month])
def test_a_paper_that_is_signed_carries_the_root_and_its_moment(
    paper: Callable[[Root | None], bytes],
) -> None:
    pdf = paper(ROOT)
    assert SAID in text_of(pdf)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"{SITE.identity.desk_url}/preuve?racine=1a2b3c4d5e6f7081"
    assert "Empreinte du registre" not in text_of(paper(None)), "nothing is sealed yet"


def test_the_sheet_of_the_day_carries_it_in_words_and_no_second_code() -> None:
    pdf = day_sheets(SITE.identity, [DAY], KEYS, line(ROOT, SITE))
    assert SAID in text_of(pdf)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    assert [code.text.split(":")[1] for code in zxingcpp.read_barcodes(picture)] == ["DAY"]


def test_a_target_is_told_with_all_its_decimals() -> None:
    assert [monthly_sheet.aim(target) for target in (0.9, 0.925, 0.29, 1.0)] == [
        "90\N{NO-BREAK SPACE}%", "92,5\N{NO-BREAK SPACE}%", "29\N{NO-BREAK SPACE}%",
        "100\N{NO-BREAK SPACE}%",
    ]  # fmt: skip
