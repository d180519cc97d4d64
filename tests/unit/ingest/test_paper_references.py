"""Which item of ours a paper names: a proposal by our own code on it, or by a number it cites."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.ingest.domain.paper_references import NamedItem, item_of_codes, item_of_text
from shared.content.follow_codes import follow_code
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import DepartureCode, SeparatorCode, write
from tests.code_keys import KEYS
from tests.ingest_builders import SECRET

TODAY = date(2026, 5, 12)
CHRONO, OTHER = Chrono("36-2026-A-000123"), Chrono("36-2026-A-000124")
LETTER = KEYS.write(DepartureCode(CHRONO, NoticeKind.REPLY))
PAGE = f"https://suivi.indre.example{follow_code(SECRET, CHRONO).path}"
CODE = follow_code(SECRET, CHRONO).shown
STRANGER = CodeKeys.of("indre", SecretStr("a stranger's"))


def of_codes(*texts: str, secret: SiteKeys | None = SECRET) -> Chrono | None:
    return item_of_codes(texts, KEYS, secret, "36", TODAY)


@pytest.mark.parametrize("texts", [[LETTER], [PAGE], [LETTER, PAGE, "https://example.org"]])
def test_our_letter_or_our_recepisse_names_its_item(texts: list[str]) -> None:
    assert of_codes(*texts) == CHRONO


@pytest.mark.parametrize(
    "text",
    [
        write(DepartureCode(CHRONO, NoticeKind.REPLY)),
        STRANGER.write(DepartureCode(CHRONO, NoticeKind.REPLY)),
        KEYS.write(DepartureCode(Chrono("18-2026-A-000001"), NoticeKind.REPLY)),
        KEYS.write(SeparatorCode("indre")),
        PAGE.replace("000123", "000124"),
        f"https://indre.example/suivi/{CHRONO}",
        f"{PAGE}/autre",
        "https://[indre/suivi/a/b",
        "",
    ],
)
def test_what_we_did_not_print_for_an_item_names_none(text: str) -> None:
    assert of_codes(text) is None


def test_two_of_our_letters_on_one_paper_name_none() -> None:
    assert of_codes(LETTER, KEYS.write(DepartureCode(OTHER, NoticeKind.REPLY))) is None


def test_without_the_sites_secret_an_address_names_none() -> None:
    assert of_codes(PAGE, secret=None) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"Suite à votre lettre n° {CHRONO}, je vous adresse", NamedItem(CHRONO, by_code=False)),
        ("notre réf. : 36 – 2026 – A – 000123.", NamedItem(CHRONO, by_code=False)),
        (f"Numéro : {CHRONO}\nCode : {CODE}", NamedItem(CHRONO, by_code=True)),
        (f"{OTHER}\nNuméro {CHRONO}\n{CODE}", NamedItem(CHRONO, by_code=True)),
        (f"{CHRONO} et encore {CHRONO}", NamedItem(CHRONO, by_code=False)),
        (f"{CHRONO}\nAAAA-AAAA-AA", NamedItem(CHRONO, by_code=False)),
        (f"{CHRONO} et {OTHER}", None),
        (CODE, None),
        ("18-2026-A-000123", None),
        ("36-2026-D-000123", None),
        ("1936-2026-A-000123", None),
        ("36-2026-A-000123-4", None),
        ("", None),
    ],
)
def test_a_text_names_the_one_item_whose_number_it_bears(
    text: str, named: NamedItem | None
) -> None:
    assert item_of_text(text, SECRET, "36") == named


@given(text=st.text(max_size=300))
def test_no_text_of_a_stranger_is_proven(text: str) -> None:
    found = item_of_text(text, SECRET, "36")
    assert found is None or not found.by_code
    assert of_codes(text) is None
