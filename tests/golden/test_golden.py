"""What was once told stays readable: one message of each type, as it stood on the wire.

A golden is never edited. A new fact gets a new file; a new field may be added to its golden, but no
field leaves it: somewhere a record of thirty days, or a register of ten years, still has it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from deploy.reference.asyncapi import FACTS
from shared.facts.arrivals import ARRIVALS
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import Digest, Fact, Part, Topic
from shared.facts.items import ITEMS
from shared.facts.notices import NOTICES
from shared.facts.quality import QUALITY

HERE = Path(__file__).parent
DECODERS: Mapping[Topic, TypeAdapter[Any]] = {
    Topic.ARRIVALS: ARRIVALS,
    Topic.ITEMS: ITEMS,
    Topic.CLOCKS: CLOCKS,
    Topic.NOTICES: NOTICES,
    Topic.QUALITY: QUALITY,
}
EVERY = {fact.__name__: fact for facts in FACTS.values() for fact in facts}
PERSONAL = {
    "name", "names", "surname", "firstname", "address", "addresses", "email", "mail", "phone",
    "telephone", "birth", "born", "text", "body", "content", "title", "comment", "remark", "note",
}  # fmt: skip
"""Words of which no field's name may be made: who must read those follows the key of a pli."""
PSEUDONYMS = {"subject", "correspondent", "message", "to"}
"""Fields that speak of a person or of what they wrote, and so are keyed digests."""


def test_every_fact_has_its_golden_and_every_golden_its_fact() -> None:
    assert sorted(path.stem for path in HERE.glob("*.json")) == sorted(EVERY)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_golden_is_decoded_and_told_again_with_all_it_said(name: str) -> None:
    fact = EVERY[name]
    octets = (HERE / f"{name}.json").read_bytes()
    decoded = DECODERS[fact.topic].validate_json(octets)
    assert type(decoded) is fact
    assert _lost(json.loads(octets), json.loads(decoded.model_dump_json())) == []


@pytest.mark.parametrize("name", sorted(EVERY))
def test_what_a_later_version_adds_is_ignored(name: str) -> None:
    fact = EVERY[name]
    golden = json.loads((HERE / f"{name}.json").read_bytes())
    decode = DECODERS[fact.topic].validate_json
    assert decode(json.dumps(golden | {"of_tomorrow": [1]})) == decode(json.dumps(golden))


def test_what_leaves_a_fact_is_seen() -> None:
    before = {"a": 1, "b": [{"c": 2}], "d": None}
    assert _lost(before, {"a": 1, "b": [{"c": 2, "new": 0}], "d": None, "e": 5}) == []
    assert _lost(before, {"a": 1, "b": [{}], "d": 0}) == ["b[0].c", "d"]


@pytest.mark.parametrize("name", sorted(EVERY))
def test_no_fact_has_a_field_for_what_is_personal(name: str) -> None:
    for field, annotation in _fields(EVERY[name]):
        assert not PERSONAL & set(field.split("_")), field
        if field in PSEUDONYMS and name != "ItemTransferred":  # there `to` is the code of an office
            assert Digest in _within(annotation), field


def _lost(before: Any, after: Any, at: str = "") -> list[str]:
    """The places of `before` that `after` says otherwise or not at all."""
    match before, after:
        case dict(), dict():
            return [
                place
                for key, part in before.items()
                for place in _lost(part, after.get(key, ...), f"{at}.{key}".lstrip("."))
            ]
        case list(), list() if len(before) == len(after):
            return [
                place
                for position, part in enumerate(before)
                for place in _lost(part, after[position], f"{at}[{position}]")
            ]
        case _:
            return [] if before == after else [at]


def _fields(kind: type[Part]) -> Iterator[tuple[str, Any]]:
    for name, field in kind.model_fields.items():
        yield name, field.annotation
        for inner in _within(field.annotation):
            if isinstance(inner, type) and issubclass(inner, Part) and not issubclass(inner, Fact):
                yield from _fields(inner)


def _within(annotation: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _within(part)
