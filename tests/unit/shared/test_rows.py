"""A row that can't be read costs itself, is named once in the log and as long as it is met."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.platform.observability.health import Unwell, Well
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow

SOUND, BROKEN = {"key": 1, "said": '"Ana"'}, {"key": 2, "said": "Jean M"}


def texts(*stored: dict[str, Any]) -> list[str]:
    return rows.readable("desk.words", stored, lambda row: row["key"], said)


def said(row: dict[str, Any]) -> str:
    return str(json.loads(row["said"]))


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        vars(record)["fields"]
        for record in caplog.records
        if record.getMessage() == "row_unreadable"
    ]


async def test_the_others_are_read_and_the_broken_one_is_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(2):
        assert texts(BROKEN, SOUND) == ["Ana"]
    assert logged(caplog) == [{"table": "desk.words", "key": "2", "why": "JSONDecodeError"}]
    assert "Jean" not in caplog.text
    assert await rows.state() == Unwell("Rows can't be read: 2 of desk.words.")


async def test_once_it_can_be_read_all_is_well_again(caplog: pytest.LogCaptureFixture) -> None:
    texts(BROKEN)
    assert texts({**BROKEN, "said": '"Jean"'}) == ["Jean"]
    assert await rows.state() == Well()
    texts(BROKEN)
    assert len(logged(caplog)) == 2, "it broke anew"


async def test_one_that_nobody_meets_any_more_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts(BROKEN)
    later = rows.time.monotonic() + rows.REMEMBERED + 1  # type: ignore[attr-defined]  # a name that the module only imports
    monkeypatch.setattr("shared.platform.postgres.rows.time.monotonic", lambda: later)
    assert await rows.state() == Well()


async def test_of_many_a_few_are_named() -> None:
    texts(*({"key": n, "said": "{"} for n in range(1, 6)))
    why = "Rows can't be read: 1 of desk.words, 2 of desk.words, 3 of desk.words and 2 more."
    assert await rows.state() == Unwell(why)


def test_whoever_needs_this_one_row_is_refused_with_its_name() -> None:
    with pytest.raises(UnreadableRow) as raised:
        rows.read("desk.words", 2, lambda: said(BROKEN))
    assert str(raised.value) == "Row 2 of desk.words can't be read (JSONDecodeError)."


@pytest.mark.parametrize(
    "reader",
    [
        lambda: json.loads('"Ana"').items(),
        lambda: json.loads('["Ana"]')["name"],
        lambda: json.loads('{"Ana": 1}')["name"],
        lambda: json.loads("[" * 100_000),
    ],
    ids=["AttributeError", "TypeError", "KeyError", "RecursionError"],
)
def test_another_shape_is_unreadable_too(
    reader: Callable[[], object], request: pytest.FixtureRequest
) -> None:
    with pytest.raises(UnreadableRow) as raised:
        rows.read("desk.words", 2, reader)
    assert raised.value.why == request.node.callspec.id


def test_a_fault_of_a_server_is_none_of_the_row() -> None:
    def away() -> str:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        rows.read("desk.words", 2, away)


def test_whoever_shows_them_knows_which_are_missing_there_each_once() -> None:
    with rows.leaving_out() as outer:
        with rows.leaving_out() as left:
            texts(BROKEN, SOUND, BROKEN)
            assert rows.left_out() == tuple(left)
        assert [(unreadable_row.table, unreadable_row.key) for unreadable_row in left] == [
            ("desk.words", "2")
        ]
        assert outer == []
    assert texts(BROKEN) == [], "and nobody has to ask"
