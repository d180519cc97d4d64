"""Separator sheets of other products in mailboxes.yaml: each code once, of a service, or read."""

import pytest

from shared.site.checks.foreign_sheets import check_foreign_sheets
from shared.site.tables.mailboxes import ForeignSheet, ScanFolder


def mistakes(*sheets: ForeignSheet) -> list[str]:
    folder = ScanFolder(id="courrier", folder="courrier", foreign_sheets=sheets)
    return [wrong.found for wrong in check_foreign_sheets(0, folder, {"bmi"})]


def test_codes_are_known_by_their_text_with_the_service_that_follows() -> None:
    sheets = (ForeignSheet(code="PATCH-T"), ForeignSheet(code=" SEP BMI ", service="bmi"))
    folder = ScanFolder(id="courrier", folder="courrier", foreign_sheets=sheets)
    assert folder.foreign == {"PATCH-T": None, "SEP BMI": "bmi"}
    assert mistakes(*sheets) == []


@pytest.mark.parametrize("code", ["PATCH-3", "patch-t", "PATCHT", "PATCH-5"])
def test_a_patch_code_that_is_never_read_is_a_mistake(code: str) -> None:
    assert mistakes(ForeignSheet(code=code)) == [f"'{code}'"]


def test_a_code_twice_or_a_service_that_is_gone_is_a_mistake() -> None:
    found = mistakes(
        ForeignSheet(code="SEP"), ForeignSheet(code="SEP "), ForeignSheet(code="X", service="gone")
    )
    assert found == ["'SEP' again", "'gone'"]
