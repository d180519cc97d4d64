"""Each how-to with its whole change beside it is followed: in a copy it applies and stays green.

One copy serves all, put back after each. What needs servers (`make check` aside: the pages, the
commands) is left to whoever follows the page.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.architecture.test_anatomy import PROJECT, ours

CHANGES = [path for path in ours("docs/how-to") if path.suffix == ".diff"]
RULES = ("tests/architecture/test_house.py", "tests/architecture/test_anatomy.py")
"""The tests that hold sizes, names and rooms: what every change must leave green."""
BESIDE: Mapping[str, Sequence[str]] = {
    "add-a-fact": ("tests/golden/test_golden.py",),
    "add-a-notice-kind": ("tests/unit/site/test_load.py", "tests/unit/site/test_templates.py"),
    "add-a-page": ("tests/unit/desk/test_pages.py",),
    "add-a-site-table": ("tests/unit/site/test_indre.py", "tests/unit/site/test_bundle.py"),
}
"""What a page has its reader run, beside the unit tests that the change itself touches."""
KNOWN_BY_NAME = re.compile(r"[\"']sla[\"']")
IN_PASSING = {
    "deploy/demo/play.py": "one command of the story",
    "deploy/reference/variable_words.py": "an example of what an operator writes",
    "services/ops/status/command.py": "an example of what an operator writes",
    "tests/architecture/test_sql_style.py": "how many statements each service names, by hand",
    "tests/unit/deploy/test_showing_what_runs.py": "any process",
    "tests/unit/deploy/test_stack.py": "any process",
    "tests/unit/deploy/test_the_wheel.py": "some commands that the wheel has",
}
"""Files that name the smallest service and are no table of all, each with its reason."""
PLAIN = ("-q", "-p", "no:schemathesis", "-p", "no:locust", "-p", "no:anyio")


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (words of ours)
        ["git", "-c", "user.name=a", "-c", "user.email=a@courriel.example", *words],  # noqa: S607  (on the path)
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a commit of the project would have."""
    tree = tmp_path_factory.mktemp("copy")
    for path in ours():
        to = tree / path.relative_to(PROJECT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "as it is"]):
        assert git(tree, *words).returncode == 0
    return tree


@pytest.fixture
def tree(pristine: Path) -> Iterator[Path]:
    """The copy, and afterwards without what the test did to it."""
    yield pristine
    assert git(pristine, "reset", "-q", "--hard").returncode == 0
    assert git(pristine, "clean", "-qfd").returncode == 0


@pytest.mark.parametrize("change", CHANGES, ids=lambda path: path.stem)
def test_whoever_follows_a_how_to_ends_green(change: Path, tree: Path) -> None:
    """Applied: format, sizes and rooms as in the project, and every unit test that it touches."""
    counted = git(tree, "apply", "--numstat", str(change))
    applied = git(tree, "apply", str(change))
    assert applied.returncode == 0, applied.stderr
    rows = [line.split() for line in counted.stdout.splitlines()]
    told = f"{len(rows)} files, {sum(int(added) for added, _, _ in rows)} lines"
    assert told in change.with_suffix(".md").read_text(encoding="utf-8")
    touched = [path for _, _, path in rows if path.startswith("tests/unit/")]
    # The tests of the copy are to import the copy, not what is installed.
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    for command in (
        ["ruff", "check", "--no-cache", "-q"],
        ["ruff", "format", "--no-cache", "-q", "--check"],
        ["pytest", *PLAIN, *RULES, *{*touched, *BESIDE[change.stem]}],
    ):
        said = subprocess.run(  # noqa: S603  (commands of ours)
            [sys.executable, "-m", *command],
            cwd=tree, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stdout + said.stderr


def test_the_page_about_a_service_names_every_table_that_knows_one() -> None:
    """By sla, the smallest: where its name stands a new service's has to as well."""
    page = (PROJECT / "docs/how-to/add-a-service.md").read_text(encoding="utf-8")
    tables = {
        str(path.relative_to(PROJECT))
        for path in ours(
            "services/__main__.py", "services/ops", "shared", "deploy",
            "tests/architecture", "tests/unit/deploy",
        )
        if path.suffix == ".py" and KNOWN_BY_NAME.search(path.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert sorted(tables - IN_PASSING.keys() - {name for name in tables if name in page}) == []
    assert sorted(IN_PASSING.keys() - tables) == []
