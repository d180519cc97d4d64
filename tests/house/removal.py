"""Takes features of the register away in a copy of the tree, and looks whether the rest stands.

`make removable FEATURE=search` removes its folders, its row in services/desk/features.py and its
own tests, imports every module that is left, and runs the unit tests that are left; without FEATURE
each in turn. Who does the same to the tree itself has removed the feature for good, save its lines
in `.importlinter` and in the lists of the tests; its tables stay, for migrations are never undone.
"""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

PROJECT = Path(__file__).parents[2]
DESK = "services.desk."
TABLE = "services/desk/features.py"
OWN: Mapping[str, Sequence[str]] = {
    "api": ("pages.api", "commands.api_keys", "commands.webhooks"),
    "archive": ("pages.archive", "commands.archive"),
    "calendars": ("pages.calendars",),
    "evidence": ("pages.evidence", "commands.evidence", "commands.audit"),
    "exports": ("pages.exports", "commands.exports"),
    "indicators": ("pages.indicators", "commands.months"),
    "journal": ("pages.journal",),
    "learner": ("pages.learner",),
    "letters": ("pages.letters", "commands.letters", "commands.compose"),
    "migration": ("pages.migration", "commands.imports"),
    "parapheur": ("pages.parapheur",),
    "privacy": ("pages.privacy",),
    "quality": ("pages.quality",),
    "rehearsals": ("pages.rehearsals",),
    "retention": ("pages.retention", "commands.retention"),
    "search": ("pages.search", "commands.search"),
}
"""The feature's pages and commands, which go with the package of its name."""
STANDS_ON: Mapping[str, Sequence[str]] = {
    "api": ("search",),
    "archive": ("retention",),
    "calendars": ("evidence", "indicators", "letters", "quality"),
    "exports": ("search",),
    "quality": ("evidence", "indicators", "letters"),
}
"""A feature that uses another, and goes with it: a program searches as the page does, a transfer
begins with what is due for destruction, a diary shows the dates of the label, an export is a
found list as a file, the figures lead to the months that are closed, an agenda lists what
standard letters are new, an auditor sees what was drawn."""
STAYS: Mapping[str, str] = {
    "accounts": "who asks is known by it: without it nobody signs in, and nothing is decided",
}
"""Rooms that stand beside the features and can't be taken away, with the reason."""
RENDERER = "services.desk.pages.renderer"
LOOKS_AT_FILES = re.compile(r"\b(?:__file__|PROJECT|ROOT|subprocess|rglob|glob)\b")
IMPORT_ALL = """
import importlib, pkgutil, sys, pathlib
import services, shared
assert pathlib.Path(services.__file__).is_relative_to(pathlib.Path.cwd()), services.__file__
for package in (services, shared):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith(("__main__", "_child", "verifier", "retirer")):
            importlib.import_module(module.name)
from services.desk.cli import desk
from services.desk.features import FEATURES, all_jobs, all_mounts, all_pages
desk.complete(), all_jobs(), all_mounts(), all_pages()
print(*FEATURES)
"""


@dataclass
class Removal:
    """What was taken away from a copy of the tree."""

    features: Sequence[str]
    modules: list[str] = field(default_factory=list)
    """Files and folders, by their path."""
    tests: list[str] = field(default_factory=list)
    """Tests that import one of them, and so went with it."""


def with_dependants(feature: str) -> Sequence[str]:
    """The feature, and those that stand on it."""
    return [feature, *(other for other, on in STANDS_ON.items() if feature in on)]


def copy(to: Path) -> None:
    """Copies the files that git knows or would know; git lists them there too: tests ask it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607  (git of this machine)
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    folders = set()
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, to / name)
            folders.add((PROJECT / name).parent)
    # Times went with the files: by these what Python and pytest compiled of them is right there.
    for folder in folders:
        for compiled in folder.glob("__pycache__/*.pyc"):
            kept = to / compiled.relative_to(PROJECT)
            kept.parent.mkdir(exist_ok=True)
            shutil.copy2(compiled, kept)
    subprocess.run(["git", "init", "-q"], cwd=to, check=True)  # noqa: S607  (git of this machine)


def remove(tree: Path, feature: str) -> Removal:
    """Removes a feature, and those that stand on it, from a copy of the tree."""
    removal = Removal(with_dependants(feature))
    for name in removal.features:
        for module in (name, *OWN[name]):
            path = tree / (DESK + module).replace(".", "/")
            removal.modules.append(_taken(tree, path if path.is_dir() else path.with_suffix(".py")))
        if (tree / "services/desk/templates" / name).is_dir():
            removal.modules.append(_taken(tree, tree / "services/desk/templates" / name))
    table = tree / TABLE
    table.write_text(without(table.read_text("utf-8"), removal.features), "utf-8")
    gone = [DESK + module for name in removal.features for module in (name, *OWN[name])]
    _remove_tests(tree, gone, removal)
    return removal


def _taken(tree: Path, path: Path) -> str:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    return str(path.relative_to(tree))


def without(source: str, features: Sequence[str]) -> str:
    """The table of features without these rows, and without the imports that only they use."""
    tree, lines = ast.parse(source), source.splitlines(keepends=True)
    dropped = set[int]()
    rows = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "FEATURES"
    )
    assert isinstance(rows, ast.Dict)
    for key, value in zip(rows.keys, rows.values, strict=True):
        if isinstance(key, ast.Constant) and key.value in features:
            dropped |= set(range(key.lineno, (value.end_lineno or 0) + 1))
    kept = "".join(line for number, line in enumerate(lines, 1) if number not in dropped)
    used = {node.id for node in ast.walk(ast.parse(kept)) if isinstance(node, ast.Name)}
    made = ast.parse(kept)
    for node in made.body:
        if isinstance(node, ast.ImportFrom):
            node.names = [alias for alias in node.names if (alias.asname or alias.name) in used]
    made.body = [node for node in made.body if not isinstance(node, ast.ImportFrom) or node.names]
    return ast.unparse(made)


def _remove_tests(tree: Path, gone: Sequence[str], removal: Removal) -> None:
    """Removes tests that import what is gone, or a helper that does."""
    for path in users(tree, ["tests/unit"], gone):
        path.unlink()
        removal.tests.append(str(path.relative_to(tree)))


def could_notice(tree: Path, folder: str) -> Sequence[str]:
    """Lists the tests below a folder for which a removal can change anything, as paths in the tree.

    What goes leaves every module that stays as it was, save the table of features: so whatever
    imports neither the table nor what draws pages from templates, by whatever way, and looks
    through no files itself, does in the tree that is left exactly what it does in the whole one.
    """
    changed = users(tree, ["services", "shared", "tests"], [f"{DESK}features", RENDERER])
    return [
        str(path.relative_to(tree))
        for path in sorted((tree / folder).rglob("test_*.py"))
        if path in changed or LOOKS_AT_FILES.search(path.read_text("utf-8"))
    ]


def users(tree: Path, rooms: Sequence[str], modules: Sequence[str]) -> Collection[Path]:
    """Lists the files of these rooms that import one of the modules, or another that does."""
    left = {path: path.read_text("utf-8") for room in rooms for path in (tree / room).rglob("*.py")}
    found, newer = list[Path](), modules
    while newer:
        names = [name.rpartition(".") for name in newer]
        named = [
            path
            for path, text in left.items()
            if any(room in text and name in text for room, _, name in names)
        ]
        using = [path for path in named if any(_is_in(name, newer) for name in _imports(path))]
        newer = [_dotted(path.relative_to(tree)) for path in using]
        found += using
        left = {path: text for path, text in left.items() if path not in using}
    return sorted(found)


def _dotted(path: Path) -> str:
    return path.with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_in(module: str, rooms: Sequence[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def stands(tree: Path) -> subprocess.CompletedProcess[str]:
    """Imports every module of the tree; prints the features that are left."""
    return subprocess.run(  # noqa: S603  (this Python)
        [sys.executable, "-c", IMPORT_ALL], cwd=tree, capture_output=True, text=True, check=False
    )


def main(wanted: str) -> int:
    """Removes one feature, or each in turn; returns 1 when the rest of one does not stand."""
    failed = False
    for feature in [wanted] if wanted else OWN:
        with tempfile.TemporaryDirectory(prefix="vaguemestre-without-") as folder:
            tree = Path(folder)
            copy(tree)
            removal = remove(tree, feature)
            click.echo(f"Without {' and '.join(removal.features)}: {', '.join(removal.modules)}")
            click.echo(f"  its tests went with it: {', '.join(removal.tests) or 'none'}")
            imported = stands(tree)
            click.echo(imported.stderr if imported.returncode else "  every module imports")
            tested = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:locust",
                 "-p", "no:anyio", "-p", "no:cacheprovider", "--no-header", "tests/unit"],
                cwd=tree, capture_output=True, text=True, check=False,
            )  # fmt: skip
            click.echo("\n".join(f"  {line}" for line in tested.stdout.splitlines()[-15:]))
            failed |= bool(imported.returncode or tested.returncode)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main("".join(sys.argv[1:])))
