"""Batches for tests, page by page, as a glance at each shows them."""

from collections.abc import Sequence
from datetime import date

from pydantic import SecretStr

from services.ingest.domain.page_codes import SeenCode, SeenPage, Sheets
from services.ingest.domain.separators import Cutting, DaySheetRange
from services.ingest.domain.separators import cut as cut_on
from shared.facts.envelope import ServiceId
from shared.paper import codes
from shared.paper.code_keys import CodeKeys
from tests.code_keys import KEYS

TODAY = date(2026, 5, 12)
DAYS = DaySheetRange(oldest=date(2026, 5, 7), today=TODAY)
CHER = CodeKeys.of("cher", SecretStr("secret of another préfecture"))
INDRE = Sheets(KEYS, "36", frozenset({ServiceId("bmi"), ServiceId("drcl")}))
SENT = Sheets(KEYS, "36", INDRE.services, departures=True)
BMI = ServiceId("bmi")

BLANK, FAINT = "blank", "faint"
LETTER = "letter"
SEP = "VGM1:SEP:INDRE"
UNSIGNED, WRITTEN = "unsigned ", "written on "


def cut(seen: Sequence[SeenPage], sheets: Sheets) -> Cutting:
    return cut_on(seen, sheets, DAYS)


def pages(*what: str) -> list[SeenPage]:
    """Pages that are blank, written, or bear a code of ours: sheets are wide, stickers small."""
    return [a_page(number, one) for number, one in enumerate(what, start=1)]


def a_page(number: int, what: str) -> SeenPage:
    if what == BLANK:
        return SeenPage(number, blank=True)
    if what == FAINT:
        return SeenPage(number, faint=True)
    if what == LETTER:
        return SeenPage(number)
    return SeenPage(number, tuple(a_code(text) for text in what.split(" + ")))


def a_code(what: str) -> SeenCode:
    """As its site signs it; `unsigned`: as a stranger prints it, `written on`: beside more ink."""
    text = what.removeprefix(WRITTEN).removeprefix(UNSIGNED)
    code = None if UNSIGNED in what else codes.read(text)
    wide = 90.0 if text.startswith(("VGM1:SEP", "VGM1:DAY")) else 14.0
    keys = CHER if ":CHER" in text else KEYS
    return SeenCode(text if code is None else keys.write(code), wide, what.startswith(WRITTEN))
