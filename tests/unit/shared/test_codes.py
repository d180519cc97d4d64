"""The codes on paper are read back as they were written, and nothing else is taken for one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.paper.codes import (
    DayCode,
    DepartureCode,
    FormCode,
    LabelCode,
    PaperCode,
    SeparatorCode,
    read,
    write,
)

SITES = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,20}", fullmatch=True)
CODES: st.SearchStrategy[PaperCode] = st.one_of(
    st.builds(SeparatorCode, SITES, st.none() | SITES.map(ServiceId)),
    st.builds(DayCode, SITES, st.dates(date(2000, 1, 1), date(2999, 1, 1))),
    st.builds(LabelCode, SITES, st.integers(0, 999_999_999)),
    st.builds(FormCode, SITES),
    st.builds(DepartureCode, st.just(Chrono("2A-2026-A-000123")), st.sampled_from(NoticeKind)),
)

WRITTEN = [
    (SeparatorCode("indre"), "VGM1:SEP:INDRE"),
    (SeparatorCode("indre", ServiceId("bmi")), "VGM1:SEP:INDRE:BMI"),
    (DayCode("indre", date(2026, 5, 11)), "VGM1:DAY:INDRE:2026-05-11"),
    (LabelCode("indre", 123), "VGM1:LBL:INDRE:000123"),
    (FormCode("indre"), "VGM1:FRM:INDRE"),
    (
        DepartureCode(Chrono("36-2026-A-000123"), NoticeKind.HOLDING_REPLY),
        "VGM1:DEP:36-2026-A-000123:HOLDING_REPLY",
    ),
]


@pytest.mark.parametrize(("code", "text"), WRITTEN)
def test_a_code_has_one_text_and_is_read_in_any_case(code: PaperCode, text: str) -> None:
    assert write(code) == text
    assert read(text) == code
    assert read(f" {text.lower()}\n") == code


@given(CODES)
def test_whatever_is_written_is_read_back(code: PaperCode) -> None:
    assert read(write(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://example.org",
        "VGM2:SEP:INDRE",
        "VGM1:SEP:",
        "VGM1:SEP:../etc",
        "VGM1:SEP:INDRE:BMI:DRCL",
        "VGM1:DAY:INDRE:2026-02-30",
        "VGM1:LBL:INDRE:",
        "VGM1:LBL:INDRE:12x",
        "VGM1:LBL:INDRE:١٢٣",
        "VGM1:DEP:36-2026-A-000123:PROMISE",
        "VGM1:DEP:000123:REPLY",
        "VGM1:SEP:" + "A" * 5_000,
    ],
)
def test_what_is_not_ours_is_no_code(text: str) -> None:
    assert read(text) is None


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    read(text)
    read(f"VGM1:{text}")
