"""Octets in a charset that is not the one they say, and control characters in between."""

import pytest

from services.ingest.domain.decoding import text


@pytest.mark.parametrize(
    ("octets", "read_as"),
    [
        (b"L\xc2\x92\xc3\xa9tat", "L\N{RIGHT SINGLE QUOTATION MARK}état"),
        (b"L'\xc3\xa9tat \xc2\xab\xc2\xa0sic\xc2\xa0\xc2\xbb", "L'état «\xa0sic\xa0»"),
    ],
)
def test_control_characters_are_letters_that_were_said_wrongly(octets: bytes, read_as: str) -> None:
    assert text(octets, "utf-8") == read_as
