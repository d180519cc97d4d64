"""Each feature of the register is taken away, and the rest stands.

Every module that is left imports without any of them, in forks of a process in which they can't be
found. The unit tests of the register that could notice pass in a copy of the tree without one, and
the tree itself says which one: `turn` goes round with what the tree holds, so that a commit always
tries the same one and a history tries them all. `make removable` runs every unit test without each
of them in turn, which takes long.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.house.absence import parts
from tests.house.removal import (
    OWN,
    PROJECT,
    STANDS_ON,
    copy,
    could_notice,
    remove,
    stands,
    with_dependants,
)

TRIED = "tests/unit/desk"
"""The command runs those of the other rooms as well, which know next to nothing of the register."""
MANY = 3
"""Files of tests that could notice at least, whichever feature is gone."""
STOOD_ON = "search"
"""A feature on which others stand: alone it can't go."""


@pytest.fixture(scope="module")
def imported() -> Mapping[str, Sequence[str] | str]:
    groups = [*(with_dependants(feature) for feature in OWN), [STOOD_ON]]
    said = subprocess.run(  # noqa: S603  (this Python)
        [sys.executable, "-m", "tests.house.absence", *map(",".join, groups)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    found: Mapping[str, Sequence[str] | str] = json.loads(said.stdout)
    return found


def turn() -> str:
    """Returns the feature whose turn it is, by what git says of every file of the tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--stage"],  # noqa: S607  (git of this machine)
        cwd=PROJECT, capture_output=True, check=True,
    )  # fmt: skip
    features = sorted(OWN)
    return features[int(hashlib.sha256(listed.stdout).hexdigest(), 16) % len(features)]


@pytest.mark.parametrize("feature", OWN)
def test_every_module_imports_without_a_feature(
    imported: Mapping[str, Sequence[str] | str], feature: str
) -> None:
    left = imported[",".join(with_dependants(feature))]
    assert not isinstance(left, str), left
    above = {other for other, on in STANDS_ON.items() if feature in on}
    assert set(left) & OWN.keys() == OWN.keys() - {feature} - above


def test_what_stands_on_a_feature_does_not_import_without_it(
    imported: Mapping[str, Sequence[str] | str],
) -> None:
    failure = imported[STOOD_ON]
    assert isinstance(failure, str)
    assert failure.splitlines()[-1].endswith(f".{STOOD_ON}': taken away")


def test_every_part_of_a_feature_is_there() -> None:
    paths = [PROJECT / name.replace(".", "/") for name in parts(list(OWN))]
    assert [str(path) for path in paths if not path.is_dir() and not _file(path).exists()] == []


def test_the_unit_tests_of_the_register_pass_without_the_feature_whose_turn_it_is(
    tmp_path: Path,
) -> None:
    feature = turn()
    copy(tmp_path)
    remove(tmp_path, feature)
    left = stands(tmp_path)
    assert left.returncode == 0, left.stderr
    noticing = could_notice(tmp_path, TRIED)
    assert len(noticing) > MANY
    tested = subprocess.run(  # noqa: S603  (this Python)
        [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", "-p", "no:locust",
         "-p", "no:anyio", "-p", "no:cacheprovider", "--no-header", *noticing],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, f"Without {feature}:\n{tested.stdout}{tested.stderr}"


def _file(path: Path) -> Path:
    return path.with_suffix(".py")
