"""One rule, one place: what several readers ask stands once, and everybody asks there."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.architecture.test_anatomy import PROJECT, ours

APART: Final = "services/desk/proof/verifier.py"
"""It travels in an archive of proof and runs where nothing of ours is installed: unit tests of
`standing` hold it to the same rule."""


def modules(*folders: str) -> Iterator[tuple[str, str]]:
    for path in ours(*(folders or ("services", "shared"))):
        if path.suffix == ".py":
            yield _name(path), path.read_text()


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def test_what_was_taken_back_is_worked_out_in_one_place() -> None:
    """By collecting the targets of withdrawals, as a dozen readers once did each for itself."""
    copies = [
        name
        for name, text in modules()
        if "FactWithdrawn" in text  # few: parsing is slow
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.SetComp | ast.ListComp | ast.GeneratorExp | ast.DictComp)
        if "FactWithdrawn" in ast.unparse(node) and ".fact" in ast.unparse(node)
    ]
    assert copies == ["shared/facts/standing.py"]


def test_the_database_asks_what_was_taken_back_in_one_place() -> None:
    assert _saying(r"'FactWithdrawn'") == ["services/desk/store/facts.py"]


def _saying(words: str) -> Sequence[str]:
    return [name for name, text in modules() if name != APART and re.search(words, text)]
