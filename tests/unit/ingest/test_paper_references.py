"""Which item of ours a paper names: a proposal by our own code on it, or by a number it cites."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.ingest.domain.paper_references import NamedItems, items_named, items_of_codes
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


NONE = frozenset[Chrono]()


def of_codes(*texts: str, secret: SiteKeys | None = SECRET) -> frozenset[Chrono]:
    return items_of_codes(texts, KEYS, secret, "36", TODAY)


@pytest.mark.parametrize("texts", [[LETTER], [PAGE], [LETTER, PAGE, "https://example.org"]])
def test_our_letter_or_our_recepisse_names_its_item(texts: list[str]) -> None:
    assert of_codes(*texts) == {CHRONO}


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
    assert of_codes(text) == NONE


def test_an_unsigned_code_names_none_even_while_the_site_believes_such_codes() -> None:
    believed = replace(KEYS, unsigned_until=TODAY)
    unsigned = write(DepartureCode(CHRONO, NoticeKind.REPLY))
    assert believed.read(unsigned, TODAY) == DepartureCode(CHRONO, NoticeKind.REPLY)
    assert items_of_codes([unsigned], believed, SECRET, "36", TODAY) == NONE


def test_a_paper_with_codes_of_two_items_names_both_and_refers_to_none() -> None:
    both = of_codes(LETTER, KEYS.write(DepartureCode(OTHER, NoticeKind.REPLY)))
    assert both == {CHRONO, OTHER}
    several = NamedItems(several=(CHRONO, OTHER))
    assert items_named(f"Votre lettre {CHRONO}", SECRET, "36", both) == several
    other = follow_code(SECRET, OTHER).shown
    assert items_named(f"{CHRONO} {CODE}, {OTHER} {other}", SECRET, "36") == several
    assert items_named(f"{OTHER} {other}", SECRET, "36", frozenset({CHRONO})) == several


def test_without_the_sites_secret_an_address_names_none() -> None:
    assert of_codes(PAGE, secret=None) == NONE


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"Suite à votre lettre n° {CHRONO}, je vous adresse", NamedItems(CHRONO)),
        ("notre réf. : 36 – 2026 – A – 000123.", NamedItems(CHRONO)),
        ("36\u00a0–\u00a02026\u202f-\u202fA\u00a0–\u00a0000123", NamedItems(CHRONO)),
        (f"36-2026-A-0000123 ou {CHRONO}", NamedItems(CHRONO)),
        (f"Numéro : {CHRONO}\nCode : {CODE}", NamedItems(CHRONO, by_code=True)),
        (f"{OTHER}\nNuméro {CHRONO}\n{CODE}", NamedItems(CHRONO, by_code=True)),
        (f"{CHRONO} et encore {CHRONO}", NamedItems(CHRONO)),
        (f"{CHRONO}\nAAAA-AAAA-AA", NamedItems(CHRONO)),
        (f"{CHRONO} et {OTHER}", NamedItems()),
        (CODE, NamedItems()),
        ("18-2026-A-000123", NamedItems()),
        ("36-2026-D-000123", NamedItems()),
        ("1936-2026-A-000123", NamedItems()),
        ("36-2026-A-000123-4", NamedItems()),
        ("", NamedItems()),
    ],
)
def test_a_text_names_the_one_item_whose_number_it_bears(text: str, named: NamedItems) -> None:
    assert items_named(text, SECRET, "36") == named


@given(text=st.text(max_size=300))
def test_no_text_of_a_stranger_is_proven(text: str) -> None:
    found = items_named(text, SECRET, "36")
    assert (found.by_code, found.several) == (False, ())
    assert of_codes(text) == NONE
