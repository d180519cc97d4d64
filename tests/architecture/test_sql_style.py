"""SQL stands whole beside the function that asks it; most has no name of its own (decision 56)."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import Module, project

PROJECT = Path(__file__).parents[2]
STATEMENT: Final = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s")
NAMED_ONCE: Final[Mapping[str, int]] = {"desk": 16, "ingest": 1, "notify": 4, "portal": 0}
"""Statements that one function asks and that have a name all the same, where the call is the place
of SQL. A number is only ever lowered."""
IN_A_CALL: Final[Mapping[str, int]] = {"sla": 1}
"""The reverse, where each statement has a name above the function that asks it."""


@pytest.fixture(scope="module")
def program() -> list[Module]:
    return [module for module in project().program if not module.path.startswith("deploy/")]


def test_a_statement_is_asked_in_the_module_that_writes_it(program: list[Module]) -> None:
    """Parts of statements (`NOT_DONE`) are shared; a whole one has one function that knows it."""
    named = {(module.name, name) for module in program for name in _named(module)}
    borrowed = {
        f"{module.path}: {alias.name}"
        for module in program
        for node in module.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module, alias.name) in named
    }
    assert borrowed == {"services/sla/readings.py: READ"}, "which asks it under another lock"


def test_a_statement_has_a_name_where_it_is_asked_twice(program: list[Module]) -> None:
    once = Counter(
        module.path.split("/")[1]
        for module in program
        if module.path.startswith(tuple(f"services/{service}/" for service in NAMED_ONCE))
        for name in _named(module)
        if _loads(module)[name] < 2
    )
    assert {service: once[service] for service in NAMED_ONCE} == NAMED_ONCE


def test_where_each_statement_has_a_name_none_stands_in_a_call(program: list[Module]) -> None:
    found = Counter(
        module.path.split("/")[1]
        for module in program
        if module.path.startswith(tuple(f"services/{service}/" for service in IN_A_CALL))
        for node in module.nodes
        if isinstance(node, ast.Call) and any(STATEMENT.match(_text(given)) for given in node.args)
    )
    assert found == IN_A_CALL


def _named(module: Module) -> Iterator[str]:
    """The whole statements that a module gives a name."""
    for node in module.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if STATEMENT.match(_text(value)):
            yield name


def _loads(module: Module) -> Counter[str]:
    return Counter(
        node.id
        for node in module.nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _text(value: ast.expr) -> str:
    """The text of a string, with nothing where an f-string has a value."""
    match value:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) for part in parts)
        case _:
            return ""
