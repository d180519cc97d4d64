"""What is installed was pinned by its hash: in scripts, in the guide, and in the build itself."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
SAYS = [
    path
    for path in (
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").rglob("*.md"),
        *(PROJECT / "deploy").rglob("*.sh"),
        *(PROJECT / ".ci").glob("*"),
        PROJECT / "Makefile",
    )
    if path.is_file()
]
INSTALLS = re.compile(r"^(?!\s*#).*\bpip (?:install|wheel)\b.*$", re.MULTILINE)
LOCKS = sorted(PROJECT.glob("requirements*.lock"))


def test_every_installation_asks_for_hashes_or_fetches_nothing() -> None:
    found = [line for path in SAYS for line in INSTALLS.findall(path.read_text(encoding="utf-8"))]
    assert len(found) >= 5, "setup.sh and the guide"
    for line in found:
        alone = "--no-deps" in line and "--no-build-isolation" in line
        assert alone or ("--require-hashes" in line and " -r " in line), line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_each_line_of_a_lock_is_one_version_with_its_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,-]+\])?==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", line), (
            line
        )


def test_what_builds_the_package_is_in_a_lock_of_its_own() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    (builds,) = project["build-system"]["requires"]
    name, least = builds.split(">=")
    locked = (PROJECT / "requirements-build.lock").read_text(encoding="utf-8")
    version = re.match(rf"{name}==([0-9]+)", locked)
    assert version is not None
    assert int(version[1]) >= int(least)
