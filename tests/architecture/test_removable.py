"""Each feature of the register is taken away in a copy of the tree, and the rest stands.

Every module that is left imports without any of them. The unit tests of the register that are left
pass without one, and the tree itself says which: `turn` goes round with what the tree holds, so
that a commit always tries the same one and a history tries them all. `make removable` runs every
unit test without each of them in turn, which takes long.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.removal import OWN, PROJECT, STANDS_ON, copy, remove, stands

TRIED = "tests/unit/desk"
"""The command runs those of the other rooms as well, which know next to nothing of the register."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("copy")
    copy(tree)
    return tree


@pytest.fixture
def tree(copied: Path) -> Iterator[Path]:
    """The copy, and afterwards what was taken away put back."""
    yield copied
    subprocess.run(["git", "checkout", "-q", "--", "."], cwd=copied, check=True)  # noqa: S607  (git of this machine)


def turn() -> str:
    """Returns the feature whose turn it is, by what git says of every file of the tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage"],  # noqa: S607  (git of this machine)
        cwd=PROJECT, capture_output=True, check=True,
    )  # fmt: skip
    features = sorted(OWN)
    return features[int(hashlib.sha256(listed.stdout).hexdigest(), 16) % len(features)]


@pytest.mark.parametrize("feature", OWN)
def test_every_module_imports_without_a_feature(tree: Path, feature: str) -> None:
    removal = remove(tree, feature)
    assert f"services/desk/{feature}" in removal.modules
    left = stands(tree)
    assert left.returncode == 0, left.stderr
    above = {other for other, on in STANDS_ON.items() if feature in on}
    assert set(left.stdout.split()) & OWN.keys() == OWN.keys() - {feature} - above


def test_the_unit_tests_of_the_register_pass_without_the_feature_whose_turn_it_is(
    tree: Path,
) -> None:
    feature = turn()
    remove(tree, feature)
    tested = subprocess.run(  # noqa: S603  (this Python)
        [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:locust",
         "-p", "no:anyio", "-p", "no:cacheprovider", "--no-header", TRIED],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, f"Without {feature}:\n{tested.stdout}{tested.stderr}"
