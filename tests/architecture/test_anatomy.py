"""The house is built as its pages say: know one service, know all."""

import ast
import importlib
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.house.table import REASONS

PROJECT = Path(__file__).parents[2]
SERVICES = ("ingest", "desk", "sla", "notify", "portal")
WITHOUT_MIGRATIONS = {"portal"}
"""Schema `portal` is made and written by the register (docs/decisions/0072)."""
LONG = 300
LONGER_TESTS = {
    "tests/unit/ingest/test_verdicts.py": "one table of verdicts, read from top to bottom",
    "tests/integration/desk/test_order_of_locks.py": "every path that locks, and how two meet",
    "tests/integration/desk/authorisations.py": "one table of every page and who may open it",
    "tests/e2e/house.py": "the one préfecture that every end-to-end test lives in",
    "tests/unit/desk/test_decisions.py": "one decision after the other, as docs/domain.md has them",
}
WAIVED = re.compile(
    r"# (?:noqa: [A-Z0-9, ]+[0-9]|type: ignore\[[a-z,-]+\])(?P<reason> +(?:# )?\(?\w.*)?$"
)
HOSTS = ("pypi.org", "pythonhosted.org", "npmjs.org", "maven.org", "sonatype.org", "--index-url")
"""Names of registries: which one is used is the machine's business."""


def ours(*folders: str) -> Sequence[Path]:
    """The Python files that git knows or would know."""
    listed = subprocess.run(  # noqa: S603  (fixed words)
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders],  # noqa: S607  (found on the path)
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [PROJECT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.exists()]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_opens_with_its_manual_page(service: str) -> None:
    page = importlib.import_module(f"services.{service}").__doc__ or ""
    assert page.startswith(f"{service}, the ")
    for word in ("Hears:  ", "Tells:  ", "\nKeeps:  ", "\nNeeds:  "):
        assert word in page


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_parts_of_every_service(service: str) -> None:
    folder = PROJECT / "services" / service
    for part in ("app", "settings", "metrics"):
        assert (folder / f"{part}.py").is_file(), part
    for part in ("commands", "store", "domain"):
        assert (folder / f"{part}.py").is_file() or (folder / part / "__init__.py").is_file(), part
    assert bool(list(folder.glob("sql/*.sql"))) is (service not in WITHOUT_MIGRATIONS)


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(PROJECT)
        for path in ours("services", "shared", "deploy")
        if path.suffix == ".py"
        and not path.read_text().lstrip().removeprefix("r").startswith('"""')
    ]
    assert silent == []


def test_only_the_clock_reads_the_time() -> None:
    reads = {"now", "utcnow", "today"}
    readers = {
        path.relative_to(PROJECT).as_posix()
        for path in ours("services", "shared")
        if path.suffix == ".py"
        if any(f".{word}(" in path.read_text() for word in reads)  # few: parsing is slow
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in reads
        and ast.unparse(node.value) in {"datetime", "date", "datetime.datetime", "datetime.date"}
    }
    assert readers <= {"shared/platform/clock.py"}


def test_what_lint_and_types_are_told_to_leave_has_its_reason() -> None:
    bare = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in ours("services", "shared", "deploy", "tests")
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := WAIVED.search(line)) and not found["reason"]
    ]
    assert bare == []


def test_a_module_is_long_only_for_a_reason() -> None:
    long = {
        path.relative_to(PROJECT).as_posix()
        for path in ours("services", "shared", "deploy", "tests")
        if path.suffix == ".py" and len(path.read_text().splitlines()) > LONG
    }
    assert long - REASONS.keys() - LONGER_TESTS.keys() == set()


def test_no_reason_outlives_its_module() -> None:
    assert all((PROJECT / path).exists() for path in (*REASONS, *LONGER_TESTS))


def test_locks_and_pages_name_no_registry() -> None:
    named = [
        (path.relative_to(PROJECT).as_posix(), host)
        for path in ours()
        if path.suffix in {".lock", ".md", ".toml", ".json", ".sh", ".yaml", ".npmrc"}
        for host in HOSTS
        if host in path.read_text(encoding="utf-8")
    ]
    assert named == []


def test_a_commit_passes_the_same_commands_as_make_check() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = (PROJECT / "Makefile").read_text().split("\ncheck:")[1].split("\n\n")[0]
    called = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()[1:]]
    assert [hook["entry"] for hook in hooks] == called


def test_make_help_fits_on_one_look() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"],  # noqa: S607  (found on the path)
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(said.stdout.splitlines()) <= 14
