"""Ids that must never change: worked out by RFC 9562 §5.5 with hashlib, not with our functions.

Another namespace or another line of a name would register every mail a second time, and send every
notice again.
"""

from collections.abc import Callable
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.facts import ids

ARRIVAL = UUID("dedce983-d713-5bc6-a95e-a11f87272f44")

WORKED_OUT: list[tuple[str, Callable[[], object]]] = [
    ("5ea1dec2-0702-565d-816d-67e0cba582ca", lambda: ids.site_namespace("indre")),
    (str(ARRIVAL), lambda: ids.arrival_id("indre", "mailbox:accueil", "1700000000:42")),
    ("101582d1-c8f5-5995-bf7f-4abf560127b1", lambda: ids.item_id("indre", ARRIVAL)),
    ("04643ee9-ea33-5c62-a3b0-79a0d317ddd5", lambda: ids.register_id("indre")),
    ("806a6342-e2ba-551a-bacd-12de751f8be5", lambda: ids.person_id("indre", "c.head")),
    ("dc75892b-c786-531a-96ae-06adc975d42d", lambda: ids.quality_chain("indre")),
    ("a83643dc-fe1a-5dfd-8f87-1eab0f337d09", lambda: ids.quality_id("indre", "month", "2026-05")),
    (
        "250b82f9-5074-5197-9961-ceefe79bae45",
        lambda: ids.notice_id("indre", str(ARRIVAL), "receipt", "sender"),
    ),
    (
        "a1ddb3a2-c859-5f3e-adb7-5b4ab40e238a",
        lambda: ids.event_id(ARRIVAL, "evidence", "2026-05-12"),
    ),
    ("2d593e45-7900-5c56-b9ff-78502283127b", lambda: ids.exercise_occasion(ARRIVAL, 3)),
]


@given(st.uuids(), st.text(alphabet="aé\n-", max_size=9), st.integers())
def test_an_id_of_a_fact_is_the_uuid5_of_what_it_names(about: UUID, name: str, part: int) -> None:
    expected = uuid5(about, f"{name}\n{part}")
    assert ids.event_id(about, name, part) == expected
    assert ids.event_id_text(about.bytes, f"{name}\n{part}".encode()) == str(expected)


@pytest.mark.parametrize(("expected", "computed"), WORKED_OUT)
def test_an_id_is_what_it_was_in_the_first_version(
    expected: str, computed: Callable[[], object]
) -> None:
    assert str(computed()) == expected
