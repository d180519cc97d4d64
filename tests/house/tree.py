"""The source tree as the figures read it: each module parsed once, with what it imports."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOMS = ("services", "shared", "deploy")
"""The folders that hold the program; tests are read beside them."""
PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file of the tree."""

    path: str
    """From the project's root: `shared/content/mime.py`."""
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """Everything in it, in no order that counts."""
        return list(ast.walk(self.tree))

    @cached_property
    def import_statements(self) -> Sequence[ast.Import | ast.ImportFrom]:
        """Its import statements, wherever they stand."""
        return [node for node in self.nodes if isinstance(node, ast.Import | ast.ImportFrom)]

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.source.splitlines())

    @property
    def imports(self) -> int:
        """How many of its lines are import statements at its head, which nobody reads in order."""
        return sum(
            (node.end_lineno or node.lineno) - node.lineno + 1
            for node in self.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
        )

    @property
    def name(self) -> str:
        """Its dotted name; a package's is that of its folder."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def is_package(self) -> bool:
        """Whether it is the opening page of a folder."""
        return self.path.endswith("__init__.py")

    @property
    def in_tests(self) -> bool:
        """Whether it belongs to the tests."""
        return self.path.startswith("tests/")

    @property
    def words(self) -> Sequence[str]:
        """The words of its file name."""
        return self.name.rsplit(".", 1)[-1].strip("_").split("_")


@dataclass(frozen=True)
class House:
    """All modules, and the layers that `.importlinter` puts them in."""

    modules: Sequence[Module]
    linter: str = ""
    """The text of `.importlinter`."""

    @cached_property
    def program(self) -> Sequence[Module]:
        """What is installed, and the tools of `deploy`."""
        return [module for module in self.modules if not module.in_tests]

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """For each module of the program, the modules of the program that it imports."""
        names = {module.name for module in self.program}
        return {module.name: set(_imported(module, names)) for module in self.program}


def read(root: Path) -> House:
    """Reads the tree under a project's root."""
    paths = sorted(path for folder in (*ROOMS, "tests") for path in (root / folder).rglob("*.py"))
    linter = root / ".importlinter"
    return House(
        [Module(path.relative_to(root).as_posix(), path.read_text()) for path in paths],
        linter.read_text() if linter.exists() else "",
    )


@cache
def project() -> House:
    """Reads this project's tree, once a process: parsing it takes eight seconds of one."""
    return read(PROJECT)


def _imported(module: Module, names: set[str]) -> Iterator[str]:
    for node in module.import_statements:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in names:
                    yield whole
                elif node.module in names:
                    yield node.module
