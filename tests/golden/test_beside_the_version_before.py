"""Messages of the version before are read by today's program, and today's by the version before."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from tests.golden.upgrade import decoder
from tests.golden.upgrade.before import commit_before, tree_of

TODAY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree_of(commit_before(), tmp_path_factory.mktemp("before"))


def goldens(tree: Path) -> Mapping[str, str]:
    return {path.stem: path.read_text("utf-8") for path in (tree / "tests/golden").glob("*.json")}


def read_by(tree: Path, messages: Mapping[str, str]) -> Mapping[str, list[str]]:
    """By the fact, for those that this version knows, what it loses of the message."""
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, decoder.__file__, str(tree)],
        input=orjson.dumps(messages), stdout=subprocess.PIPE, cwd=tree, check=True,
    )  # fmt: skip
    found: Mapping[str, list[str]] = orjson.loads(done.stdout)
    return found


def test_today_reads_all_that_the_version_before_told(before: Path) -> None:
    told = goldens(before)
    read = read_by(TODAY, told)
    assert read.keys() == told.keys()
    assert {name: lost for name, lost in read.items() if lost} == {}


def test_the_version_before_reads_what_today_tells_of_what_it_knows(before: Path) -> None:
    read = read_by(before, goldens(TODAY))
    assert read.keys() == goldens(before).keys()
    assert {name: lost for name, lost in read.items() if lost} == {}
