"""No producer of facts forgets to say by which way they were stated (docs/decisions/0034)."""

import ast
from collections.abc import Iterator
from typing import Final, get_args

from shared.facts.arrivals import ARRIVALS
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import Fact
from shared.facts.items import ITEMS
from shared.facts.notices import NOTICES
from tests.architecture.test_anatomy import PROJECT, ours

DECIDE: Final = {"Decider", "RegisterService", "Ground"}
"""What a person's decisions are made with: where it is made, the way is known."""
FACTS: Final = {
    kind.__name__
    for adapter in (ARRIVALS, ITEMS, CLOCKS, NOTICES)
    for kind in get_args(get_args(adapter._type)[0])  # noqa: SLF001  (the union it was made of)
    if issubclass(kind, Fact)
}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in ours("services"):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield f"{path.relative_to(PROJECT)}:{node.lineno}", node.func.id, node


def test_whoever_lets_a_person_decide_says_by_which_way() -> None:
    silent = [
        where
        for where, name, call in calls()
        if name in DECIDE and "services/sla" not in where
        if "origin" not in ast.unparse(call)
    ]
    assert silent == []


def test_a_fact_that_is_made_outside_a_stamp_names_its_way() -> None:
    assert "ItemClosed" in FACTS
    silent = [
        where
        for where, name, call in calls()
        if name in FACTS
        if not any(word.arg in {None, "via"} for word in call.keywords)
    ]
    assert silent == []
