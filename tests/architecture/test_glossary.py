"""The glossary names things of the code that exist, and every French word that names one."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.house.languages import Languages, read_languages
from tests.house.table import ENGLISH_TOO, FRENCH
from tests.house.tree import House, Module, project

PROJECT = Path(__file__).parents[2]
GLOSSARY = (PROJECT / "docs" / "glossary.md").read_text()
NOTHING = "—"
FRENCH_PROGRAMS = ("verifier.py", "retirer.py")
"""Handed to auditors, in French from the first line to the last."""


HEADS = ("French", "word", "---")


def rows() -> Iterator[tuple[str, str]]:
    """Each term and the cell of its identifiers."""
    for line in GLOSSARY.splitlines():
        if line.startswith("|"):
            term, code, _ = (cell.strip() for cell in line.strip("|").split("|", 2))
            if term not in HEADS:
                yield term, code


IDENTIFIERS = [(term, name) for term, cell in rows() for name in re.findall(r"`([^`]+)`", cell)]


@pytest.fixture(scope="module")
def house() -> House:
    return project()


@pytest.fixture(scope="module")
def known(house: House) -> Mapping[str, frozenset[str]]:
    """Every class, function and module of the program, with the names that stand in it."""
    found = defaultdict[str, set[str]](set)
    for module in house.program:
        stem = module.name.rsplit(".", 1)[-1]
        found[stem] |= set(_names(module.tree.body))
        for name in _names(module.tree.body):
            found[name] |= set()
        for node in module.nodes:
            if isinstance(node, ast.ClassDef):
                found[node.name] |= set(_names(node.body))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] |= set()
    tables = "\n".join(path.read_text() for path in sorted(PROJECT.glob("s*/**/*.sql")))
    for schema, table in re.findall(r"CREATE TABLE (\w+)\.(\w+)", tables):
        found[schema].add(table)
    return {name: frozenset(parts) for name, parts in found.items()}


def test_every_term_has_its_identifier_or_says_that_the_code_has_none() -> None:
    bare = [term for term, cell in rows() if "`" not in cell and cell != NOTHING]
    assert bare == []
    assert len(list(rows())) > 80


@pytest.mark.parametrize(("term", "name"), IDENTIFIERS)
def test_each_identifier_exists(known: Mapping[str, frozenset[str]], term: str, name: str) -> None:
    whole, _, part = name.partition(".")
    exists = (
        (PROJECT / name).exists()
        if "/" in name
        else whole in known and (not part or part in known[whole])
    )
    assert exists, f"{term}: {name}"


@pytest.fixture(scope="module")
def used(house: House) -> frozenset[str]:
    """The words of all identifiers of the program."""
    return frozenset(
        word
        for module in house.program
        if not module.path.endswith(FRENCH_PROGRAMS)
        for name in _identifiers(module)
        for word in _words(name)
    )


@pytest.fixture(scope="module")
def languages(house: House) -> Languages:
    return read_languages(PROJECT, house)


def test_each_french_word_of_an_identifier_stands_in_the_glossary(used: frozenset[str]) -> None:
    assert (used & FRENCH) - _told() == set()
    assert FRENCH - used == set(), "a word that no identifier has any more leaves the table"


def test_a_new_french_word_in_an_identifier_is_found(
    used: frozenset[str], languages: Languages
) -> None:
    """By our own prose: it goes into the glossary and `FRENCH`, or into `ENGLISH_TOO`."""
    found = {word for word in used if languages.looks_french(word)}
    assert found - _told() - ENGLISH_TOO == set()
    assert ENGLISH_TOO - used == set()


def test_prose_tells_french_words_from_english_ones(languages: Languages) -> None:
    french = (
        "accuse",
        "courrier",
        "delai",
        "echeance",
        "expediteur",
        "guichet",
        "lettre",
        "retard",
    )
    english = ("counter", "deadline", "delay", "letter", "measure", "receipt", "reply", "sender")
    assert [word for word in french if not languages.looks_french(word)] == []
    assert [word for word in english if languages.looks_french(word)] == []


def _told() -> set[str]:
    return {word for _, name in IDENTIFIERS for word in _words(name)}


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _identifiers(module: Module) -> Iterator[str]:
    yield module.name.rsplit(".", 1)[-1]
    for node in module.nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _words(name: str) -> list[str]:
    """`JoursOuvres`, `jours_ouvres` and `JOURS_OUVRES` are two words each."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
