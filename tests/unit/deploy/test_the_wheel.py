"""The wheel holds what production needs and nothing else, and works away from the tree."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.architecture.test_anatomy import PROJECT, ours
from tests.architecture.test_packaging import project

BUILD = "from setuptools.build_meta import build_wheel; build_wheel('made')"
NAMED = f"vaguemestre-{project()['version']}"
SHARE = f"{NAMED}.data/data/share/vaguemestre"
BESIDE = {
    f"{SHARE}/grafana/dashboards": ".json",
    f"{SHARE}/grafana/provisioning": ".yml",
    f"{SHARE}/prometheus": ".yml",
    f"{SHARE}/prometheus/rules": ".yml",
    f"{SHARE}/site/indre": ".yaml",
    f"{SHARE}/site/indre/letters": ".md",
    f"{SHARE}/site/indre/templates": ".j2",
    f"{SHARE}/site/indre/templates/en": ".j2",
}
"""What is put under share/vaguemestre of the environment, and of which kind."""
META = ["METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt"]


def run(*words: str | Path, at: Path, **more: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own words)
        [str(word) for word in words], cwd=at, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **more},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy as the guide says: by the pinned tools that are there, without network."""
    copy = tmp_path_factory.mktemp("tree")
    for path in ours("services", "shared", "deploy", "pyproject.toml", "README.md", "LICENSE"):
        into = copy / path.relative_to(PROJECT)
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, into)
    (copy / "made").mkdir()
    run(sys.executable, "-c", BUILD, at=copy)
    (made,) = (copy / "made").iterdir()
    return made


@pytest.fixture(scope="module")
def names(wheel: Path) -> Sequence[str]:
    return ZipFile(wheel).namelist()


def test_the_wheel_has_every_file_of_services_and_shared_and_no_other_code(
    names: Sequence[str],
) -> None:
    tree = [str(path.relative_to(PROJECT)) for path in ours("services", "shared")]
    assert len(tree) > 500
    assert sorted(name for name in names if not name.startswith("vaguemestre-")) == sorted(tree)


def test_beside_the_code_are_rules_dashboards_an_example_and_the_licence(
    names: Sequence[str],
) -> None:
    ours_beside = [Path(name) for name in names if name.startswith(SHARE)]
    assert {str(path.parent): path.suffix for path in ours_beside} == BESIDE
    in_tree = [
        path
        for path in ours("deploy/prometheus", "deploy/grafana", "deploy/site")
        if path.suffix != ".py"
    ]
    assert sorted(path.name for path in ours_beside) == sorted(path.name for path in in_tree)
    info = f"{NAMED}.dist-info/"
    assert sorted(name.removeprefix(info) for name in names if name.startswith(info)) == META


def test_it_works_in_an_environment_of_its_own_away_from_the_tree(
    wheel: Path, tmp_path: Path
) -> None:
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "--offline", "--python", sys.executable, "own", at=tmp_path)
    own = tmp_path / "own"
    run(
        uv, "pip", "install", "--quiet", "--offline", "--no-deps",
        "--python", own / "bin/python", wheel, at=tmp_path,
    )  # fmt: skip
    # Its dependencies are those of this environment; a path given so brings no tree with it.
    borrowed = {"PYTHONPATH": sysconfig.get_path("purelib")}
    command = own / "bin/vaguemestre"
    says = run(command, "--help", at=tmp_path, **borrowed)
    listed = [line.split()[0] for line in says.partition("Commands:")[2].splitlines() if line]
    assert {"migrate", "site", "ingest", "desk", "sla", "notify"} <= set(listed)
    assert "up" not in listed, "the embedded servers are no part of the package"
    checked = run(command, "site", "check", own / "share/vaguemestre/site/indre",
                  at=tmp_path, **borrowed)  # fmt: skip
    assert checked.startswith("Sound: ")
    (where,) = run(
        own / "bin/python", "-c", "import shared; print(shared.__file__)", at=tmp_path, **borrowed
    ).splitlines()
    assert Path(where).is_relative_to(own)
