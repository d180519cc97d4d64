"""Each how-to with its whole change beside it is followed: in a copy it applies and stays green.

One copy serves all, put back after each. Its figures are counted here, where the modules that no
change touches are parsed once. What needs servers (`make check` aside: the pages, the commands) is
left to whoever follows the page.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.architecture import test_house as rules_of_the_house
from tests.architecture.test_anatomy import PROJECT, ours
from tests.house.figures import FIGURES
from tests.house.removal import copy
from tests.house.table import CEILINGS
from tests.house.tree import House, project, read

CHANGES = [path for path in ours("docs/how-to") if path.suffix == ".diff"]
RULES = ("tests/architecture/test_anatomy.py",)
"""What every change must leave green, beside the figures of the house."""
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
def house() -> House:
    return project()


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a commit of the project would have, which git lists as it does ours."""
    tree = tmp_path_factory.mktemp("copy")
    copy(tree)
    return tree


@pytest.fixture
def applied(request: pytest.FixtureRequest, copied: Path) -> Iterator[Path]:
    """The copy with the change of this test applied, which is taken back afterwards."""
    change: Path = request.param
    done = git(copied, "apply", str(change))
    assert done.returncode == 0, done.stderr
    yield copied
    assert git(copied, "apply", "-R", str(change)).returncode == 0


@pytest.mark.parametrize(
    ("change", "applied"),
    [(change, change) for change in CHANGES],
    ids=[change.stem for change in CHANGES],
    indirect=["applied"],
)
def test_whoever_follows_a_how_to_ends_green(change: Path, applied: Path, house: House) -> None:
    """Applied: format, sizes and rooms as in the project, and every unit test that it touches."""
    counted = git(PROJECT, "apply", "--numstat", str(change))
    rows = [line.split() for line in counted.stdout.splitlines()]
    told = f"{len(rows)} files, {sum(int(added) for added, _, _ in rows)} lines"
    assert told in change.with_suffix(".md").read_text(encoding="utf-8")
    paths = [path for _, _, path in rows]
    changed = as_changed(house, applied, paths)
    risen = {
        name: found for name in FIGURES if len(found := FIGURES[name](changed)) > CEILINGS[name]
    }
    assert risen == {}
    rules_of_the_house.test_one_letters_way_is_read_in_a_day(changed)
    rules_of_the_house.test_few_names_are_shared_and_each_size_has_its_module(changed)
    touched = [path for path in paths if path.startswith("tests/unit/")]
    python = [path for path in paths if path.endswith(".py")]
    # The tests of the copy are to import the copy, not what is installed.
    env = {**os.environ, "PYTHONPATH": str(applied), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    for command in (
        ["ruff", "check", "--no-cache", "-q", *python],
        ["ruff", "format", "--no-cache", "-q", "--check", *python],
        ["pytest", *PLAIN, *RULES, *{*touched, *BESIDE[change.stem]}],
    ):
        said = subprocess.run(  # noqa: S603  (commands of ours)
            [sys.executable, "-m", *command],
            cwd=applied, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stdout + said.stderr


def as_changed(house: House, tree: Path, paths: Sequence[str]) -> House:
    """The house as the tree has it, in which only these paths are others."""
    parsed = {module.path: module for module in house.modules if module.path not in paths}
    return House(
        [parsed.get(module.path, module) for module in read(tree).modules],
        (tree / ".importlinter").read_text(encoding="utf-8"),
    )


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
