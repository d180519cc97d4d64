"""Chronos are written one way and read as people key them."""

import pytest

from shared.content.chronos import Direction, chronos_up_to, read, write
from shared.errors import Refused


def test_a_batch_takes_the_numbers_up_to_the_last() -> None:
    assert chronos_up_to("36", 2026, Direction.ARRIVAL, 5, 3) == [
        "36-2026-A-000003",
        "36-2026-A-000004",
        "36-2026-A-000005",
    ]


def test_a_year_that_needs_more_than_six_digits_has_them() -> None:
    assert write("2A", 2026, Direction.DEPARTURE, 1234567) == "2A-2026-D-1234567"


@pytest.mark.parametrize(
    ("keyed", "chrono"),
    [
        ("123", "36-2026-A-000123"),
        (" A123 ", "36-2026-A-000123"),
        ("d-7", "36-2026-D-000007"),
        ("36-2025-a-000123", "36-2025-A-000123"),
        ("2b-2026-A-9", "2B-2026-A-000009"),
    ],
)
def test_what_people_key(keyed: str, chrono: str) -> None:
    assert read(keyed, "36", 2026) == chrono


@pytest.mark.parametrize("keyed", ["", "demain", "36-2026-X-1", "١٢٣", "1" * 30, "36-26-A-1"])
def test_what_is_no_chrono_is_refused(keyed: str) -> None:
    with pytest.raises(Refused, match="is no chrono: write it whole"):
        read(keyed, "36", 2026)
