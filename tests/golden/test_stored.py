"""What once stood in a row stays readable: plans and standings of each shape, frozen.

A file is never edited: another form is another shape, with a file of its own
(services/sla/item_format.py, docs/decisions/0040).
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest

from services.sla.domain.plan import Plan
from services.sla.domain.standing import Standing
from services.sla.item_format import (
    SHAPE,
    ItemRow,
    StoredItem,
    UnreadableItem,
    read,
    write_plan,
    write_standing,
)
from shared.facts.envelope import ItemId, Part

HERE = Path(__file__).parent / "stored"
FROZEN = {"sla_1.json": "5bf358936b479368f57869cdafbc65127ba1d6f9e27d6c72edc6767fbafd58b8"}
"""SHA-256 of each file, for ever."""
SHAPES = range(1, SHAPE + 1)


def rows(shape: int) -> list[ItemRow]:
    return [
        ItemRow(
            item_id=ItemId(UUID(row["standing"]["item_id"])), shape=shape,
            plan=json.dumps(row["plan"]), standing=json.dumps(row["standing"]), wake_at=None,
            unread_since=None, open=True, edition=1, awaits=0, stepped_at=None,
        )
        for row in json.loads((HERE / f"sla_{shape}.json").read_bytes())
    ]  # fmt: skip


def test_every_shape_has_its_file_and_no_file_was_edited() -> None:
    assert sorted(path.name for path in HERE.iterdir()) == [f"sla_{shape}.json" for shape in SHAPES]
    found = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in FROZEN}
    assert found == FROZEN


@pytest.mark.parametrize("shape", SHAPES)
def test_what_stands_is_read_in_every_shape(shape: int) -> None:
    for row in rows(shape):
        kept = read(row)
        assert isinstance(kept, StoredItem)
        said = json.loads(row.standing)
        assert kept.item.standing.revision == said["revision"]
        assert sorted(kept.item.standing.clocks) == sorted(said["clocks"])


def test_what_this_program_writes_is_of_its_shape() -> None:
    """Whoever sees this fail has changed the form of what is stored: SHAPE must grow."""
    for row in rows(SHAPE):
        kept = read(row)
        assert isinstance(kept, StoredItem)
        assert kept.item.plan is not None
        assert json.loads(write_plan(kept.item.plan)) == json.loads(row.plan or "")
        assert json.loads(write_standing(kept.item.standing)) == json.loads(row.standing)


def test_the_rows_of_this_shape_have_every_field_and_every_word() -> None:
    """Else a change of what no row has would go unseen."""
    seen = set[str]()
    for row in rows(SHAPE):
        kept = read(row)
        assert isinstance(kept, StoredItem)
        seen |= {*_said(kept.item.plan), *_said(kept.item.standing)}
    assert {*_every(Plan), *_every(Standing)} - seen == set()


def test_a_plan_of_another_shape_is_made_again_and_a_later_standing_is_not_touched() -> None:
    row = rows(SHAPE)[0]
    older = read(dataclasses.replace(row, shape=SHAPE - 1))
    assert isinstance(older, StoredItem)
    assert older.item.plan is None
    later = read(dataclasses.replace(row, shape=SHAPE + 1))
    assert isinstance(later, UnreadableItem)
    assert "install the later version" in str(later.error)


def _every(kind: Any) -> Iterator[str]:
    """The names of every field of a type, and of what it is made of, and of every word."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (f"{kind.__name__}.{word.name}" for word in kind)
    elif isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, Part)):
        for name, inner in get_type_hints(kind).items():
            if name.startswith(("_", "model_")):
                continue
            yield f"{kind.__name__}.{name}"
            yield from _every(inner)
    for part in get_args(kind):
        yield from _every(part)


def _said(value: Any) -> Iterator[str]:
    """Those that a value says, otherwise than by leaving them empty."""
    if isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _said(key)
            yield from _said(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _said(inner)
    elif dataclasses.is_dataclass(value) or isinstance(value, Part):
        for name in get_type_hints(type(value)):
            inner = getattr(value, name, None)
            if inner is not None and inner != () and inner is not False and inner != {}:
                yield f"{type(value).__name__}.{name}"
                yield from _said(inner)
