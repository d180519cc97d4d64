"""What the program uses of libraries without their leave: few names, each with its reason."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.house.tree import Module, project

PROJECT = Path(__file__).parents[2]
PUBLIC: Final = frozenset({"_replace", "_asdict", "_fields", "_exit"})
"""Documented by Python although they begin with an underscore (named tuples, `os._exit`)."""
REACHED: Final[Mapping[str, frozenset[str]]] = {
    "services/ingest/connection.py": frozenset({"_imap", "_command", "_get_response"}),
    "shared/platform/kafka/former_topics.py": frozenset({"_send_request"}),
    "shared/platform/kafka/record_consumer.py": frozenset({"_client", "_fetcher"}),
    "shared/platform/kafka/topic_log.py": frozenset({"_send_request"}),
    "shared/platform/messaging/relay.py": frozenset({"_sender"}),
}
"""Names of libraries with an underscore, by module; another one needs its line in decision 77."""


def test_each_private_name_of_a_library_is_listed_and_told() -> None:
    house = project()
    given = {module.name: frozenset(_given(module)) for module in house.program}
    found = defaultdict[str, set[str]](set)
    for module in house.program:
        near = {module.name, *house.imports[module.name]}
        for name in _reached(module, PUBLIC.union(*(given[other] for other in near))):
            found[module.path].add(name)
    assert found == REACHED
    told = (PROJECT / "docs/decisions/0077-faststream-declares-we-commit.md").read_text()
    assert {name for names in REACHED.values() for name in names if name not in told} == set()


def _reached(module: Module, ours: frozenset[str]) -> Iterator[str]:
    """The private names that neither the module nor one that it imports gives to anything."""
    for node in module.nodes:
        match node:
            case ast.Attribute(attr=name):
                names = [name]
            case ast.ImportFrom(module=where, names=aliases):
                names = [*(where or "").split("."), *(alias.name for alias in aliases)]
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr"), args=[_, ast.Constant(value=name), *_]
            ):
                names = [str(name)]
            case _:
                names = []
        yield from (name for name in names if _is_private(name) and name not in ours)


def _given(module: Module) -> Iterator[str]:
    """The names that a module gives: definitions, variables and attributes that it sets."""
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
