"""What replaces fields of a frozen dataclass gives what the library's own function gives."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest

from services.desk.domain.fold import fold
from services.notify.domain.fold import fold as notified
from shared.replacement import replace
from tests.rehearsal_builders import RegisteredStory


@dataclass(frozen=True, slots=True)
class Plain:
    first: int
    second: str = "b"


@dataclass(frozen=True, slots=True)
class Judging:
    first: int

    def __post_init__(self) -> None:
        """Would have to be called."""


@dataclass(frozen=True)
class Loose:
    first: int


def test_each_field_of_what_is_folded_is_replaced_as_by_the_library() -> None:
    facts = RegisteredStory("a letter", "naturalisation").facts
    items: tuple[Any, ...] = (fold(facts), notified(facts))
    for item in items:
        for field in dataclasses.fields(item):
            found = replace(item, **{field.name: "other"})
            assert found == dataclasses.replace(item, **{field.name: "other"})
            assert type(found) is type(item)
            assert found != item


def test_what_was_stays_and_what_comes_is_as_frozen() -> None:
    was = Plain(1)
    found = replace(was, first=2, second="c")
    assert (was, found, replace(found)) == (Plain(1), Plain(2, "c"), Plain(2, "c"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.first = 3  # type: ignore[misc]  # what is tried


def test_a_field_that_is_not_there_is_refused() -> None:
    words: dict[str, Any] = {"third": 3}
    with pytest.raises(TypeError, match="Plain has no field third"):
        replace(Plain(1), **words)


@pytest.mark.parametrize("one", [Judging(1), Loose(1)])
def test_a_class_of_another_make_is_refused(one: Any) -> None:
    with pytest.raises(TypeError, match="is no plain dataclass with slots"):
        replace(one, first=2)
