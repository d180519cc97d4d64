"""Codes on paper prove that the site printed them (docs/decisions/0037)."""

from datetime import date

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import CodeKeys, Doubt, FormerSecret, NotProven, UnprovenCode
from shared.paper.codes import DayCode, DepartureCode, FormCode, LabelCode, PaperCode, SeparatorCode

REPLY = NoticeKind.REPLY
TODAY = date(2026, 11, 25)
OLD, NEW = SecretStr("the secret of 2025"), SecretStr("the secret of 2026")
KEYS = CodeKeys.of("indre", NEW)
CODES: st.SearchStrategy[PaperCode] = st.one_of(
    st.builds(SeparatorCode, st.just("indre"), st.none() | st.just(ServiceId("bmi"))),
    st.builds(DayCode, st.just("indre"), st.dates(date(2000, 1, 1), date(2999, 1, 1))),
    st.builds(LabelCode, st.just("indre"), st.integers(0, 999_999_999)),
    st.builds(FormCode, st.just("indre")),
    st.builds(DepartureCode, st.just(Chrono("2A-2026-A-000123")), st.sampled_from(NoticeKind)),
)


@given(CODES)
def test_what_a_site_writes_it_believes_in_any_case(code: PaperCode) -> None:
    text = KEYS.write(code)
    assert KEYS.read(text, TODAY) == KEYS.read(f" {text.lower()}\n", TODAY) == code


@given(
    CODES.filter(lambda code: not isinstance(code, FormCode)),
    st.integers(0, 60),
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
)
def test_a_changed_letter_of_a_code_proves_nothing(code: PaperCode, at: int, letter: str) -> None:
    text = KEYS.write(code)
    changed = text[: at % len(text)] + letter + text[at % len(text) + 1 :]
    read = KEYS.read(changed, TODAY)
    assert changed == text or read is None or isinstance(read, UnprovenCode)


def test_what_a_stranger_prints_is_not_believed() -> None:
    assert KEYS.read("VGM1:SEP:INDRE:BMI/ABCDEFGHIJKLM", TODAY) == UnprovenCode(
        SeparatorCode("indre", ServiceId("bmi")), Doubt.FORGED
    )
    assert KEYS.read("VGM1:LBL:INDRE:000123", TODAY) == UnprovenCode(
        LabelCode("indre", 123), Doubt.EXPIRED
    )


def test_a_signature_moved_to_another_code_proves_nothing() -> None:
    signature = KEYS.write(LabelCode("indre", 7)).partition("/")[2]
    read = KEYS.read(f"VGM1:LBL:INDRE:000008/{signature}", TODAY)
    assert read == UnprovenCode(LabelCode("indre", 8), Doubt.FORGED)


def test_the_codes_of_another_site_under_the_same_secret_prove_nothing_here() -> None:
    theirs = CodeKeys.of("cher", NEW).write(DepartureCode(Chrono("36-2026-A-000001"), REPLY))
    assert KEYS.read(theirs, TODAY) == UnprovenCode(
        DepartureCode(Chrono("36-2026-A-000001"), REPLY), Doubt.FORGED
    )


def test_a_replaced_secret_proves_what_it_signed_until_its_day() -> None:
    text = CodeKeys.of("indre", OLD).write(LabelCode("indre", 7))
    both = CodeKeys.of("indre", NEW, [FormerSecret(secret=OLD, until=TODAY)])
    assert both.read(text, TODAY) == LabelCode("indre", 7)
    assert both.read(text, date(2026, 11, 26)) == UnprovenCode(LabelCode("indre", 7), Doubt.EXPIRED)
    assert KEYS.read(text, TODAY) == UnprovenCode(LabelCode("indre", 7), Doubt.FORGED)
    assert both.write(LabelCode("indre", 8)) == KEYS.write(LabelCode("indre", 8))


def test_codes_without_signature_are_believed_until_the_day_of_the_site() -> None:
    until = CodeKeys.of("indre", NEW, unsigned_until=TODAY)
    assert until.read("VGM1:SEP:INDRE", TODAY) == SeparatorCode("indre")
    assert until.read("VGM1:SEP:INDRE", date(2026, 11, 26)) == UnprovenCode(
        SeparatorCode("indre"), Doubt.EXPIRED
    )
    assert until.read("VGM1:SEP:CHER", TODAY) == UnprovenCode(SeparatorCode("cher"), Doubt.FORGED)


def test_the_form_of_the_public_needs_no_signature() -> None:
    assert KEYS.write(FormCode("indre")) == "VGM1:FRM:INDRE"
    assert KEYS.read("VGM1:FRM:INDRE", TODAY) == FormCode("indre")


def test_who_scans_a_code_that_proves_nothing_is_told_why() -> None:
    with pytest.raises(NotProven, match="not printed by this site"):
        KEYS.prove("VGM1:LBL:INDRE:000123/ABCDEFGHIJKLM", TODAY)
    with pytest.raises(NotProven, match="too old"):
        KEYS.prove("VGM1:LBL:INDRE:000123", TODAY)
    assert KEYS.prove("36-2026-A-000123", TODAY) is None


@pytest.mark.parametrize(
    ("code", "modules"),
    [(LabelCode("indre", 123), 29), (LabelCode("seine-saint-denis", 123), 33)],
)
def test_a_signed_sticker_keeps_modules_that_200_dpi_can_read(
    code: LabelCode, modules: int
) -> None:
    keys = CodeKeys.of(code.site, NEW)
    made = segno.make_qr(keys.write(code), error="h", boost_error=False)
    assert made.symbol_size(border=0)[0] == modules  # 18 mm with its margin: 0.44 mm a module
    assert 18 / (modules + 8) / 25.4 * 200 > 3


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    KEYS.read(text, TODAY)
    KEYS.read(f"VGM1:LBL:INDRE:1/{text}", TODAY)
