"""Draws public docstrings to be read aloud: `python -m tests.house.sample SEED`, `make reading`.

Somebody who does not know the code hears the name and the docstring of each, and writes what the
thing is or does; whoever knows the code compares with the file, which only WHERE=1 shows. Thirty
are drawn, at least 28 should be understood: what it is or does is said rightly, whatever is left
out of order, limits or refusals. SIGNATURE=1 adds the signature, as an editor shows both
where a name is used: a docstring repeats no type that stands there. A docstring is drawn by the
hash of the seed and its place, so that the same seed draws nearly the same thirty after others
have come or gone.
"""

import ast
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click

from tests.house.tree import House, read

PROJECT = Path(__file__).parents[2]
DRAWN = 30
SEED = "1"


@dataclass(frozen=True)
class Documented:
    """A public class, function or method with its docstring."""

    path: str
    name: str
    """Dotted within the file: `Decider.merge`."""
    docstring: str
    signature: str = ""
    """What a function takes and returns: `(self, url: str) -> Answer`; of a class its bases."""


def documented(house: House) -> Sequence[Documented]:
    """Every public class, function and method of the program that has a docstring."""
    return [
        Documented(module.path, name, docstring, _signature(node))
        for module in house.program
        for name, node in _definitions(module.tree)
        if (docstring := ast.get_docstring(node))
    ]


def draw(docstrings: Sequence[Documented], seed: str, count: int = DRAWN) -> Sequence[Documented]:
    """The `count` docstrings whose hashes with the seed come first."""

    def rank(found: Documented) -> str:
        return sha256(f"{seed}\n{found.path}\n{found.name}".encode()).hexdigest()

    return sorted(docstrings, key=rank)[:count]


def _definitions(
    node: ast.Module | ast.ClassDef, before: str = ""
) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in node.body:
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if child.name.startswith("_"):
            continue
        yield f"{before}{child.name}", child
        if isinstance(child, ast.ClassDef):
            yield from _definitions(child, f"{before}{child.name}.")


def _signature(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        return f"({bases})" if bases else ""
    returned = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    return f"({ast.unparse(node.args)}){returned}"


def seed_of(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """The seed: the first word after the program's name, else the variable SEED, else `1`."""
    return next(iter(words), "") or environment.get("SEED", "") or SEED


def main(seed: str, *, where: bool, signed: bool) -> None:
    """Prints the sheet for a seed; `where` adds the file of each, `signed` its signature."""
    found = documented(read(PROJECT))
    click.echo(f"{DRAWN} of {len(found)} public docstrings, seed {seed}.")
    for number, drawn in enumerate(draw(found, seed), 1):
        signature = drawn.signature if signed else ""
        file = f"  ({drawn.path})" if where else ""
        click.echo(f"\n{number:2}  {drawn.name}{signature}{file}")
        click.echo("".join(f"    {line}\n" for line in drawn.docstring.splitlines()), nl=False)


if __name__ == "__main__":
    main(
        seed_of(sys.argv[1:], os.environ),
        where=bool(os.environ.get("WHERE")),
        signed=bool(os.environ.get("SIGNATURE")),
    )
