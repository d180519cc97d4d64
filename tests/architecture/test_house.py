"""The figures of the house only fall: names that a visitor can read, rooms with corridors."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.house.figures import FIGURES
from tests.house.table import CEILINGS, REASONS, SHARED_NAMES, WAY, WAY_LIMIT, WAY_READ_LIMIT
from tests.house.tree import House, project

PROJECT = Path(__file__).parents[2]
SLACK = 3


@pytest.fixture(scope="module")
def house() -> House:
    return project()


@pytest.fixture(scope="module")
def found(house: House) -> Mapping[str, Sequence[str]]:
    return {name: figure(house) for name, figure in FIGURES.items()}


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_rises(found: Mapping[str, Sequence[str]], name: str) -> None:
    assert len(found[name]) <= CEILINGS[name], f"`make house LIST='{name}'` lists them"


@pytest.mark.parametrize("name", FIGURES)
def test_what_was_won_is_kept(found: Mapping[str, Sequence[str]], name: str) -> None:
    """A figure that fell by more than a few takes its ceiling with it."""
    assert CEILINGS[name] - len(found[name]) <= SLACK, "lower it in tests/house/table.py"


def test_few_names_are_shared_and_each_size_has_its_module(house: House) -> None:
    assert len(SHARED_NAMES) <= 5
    assert set(REASONS) <= {module.path for module in house.program}


def test_one_letters_way_is_read_in_a_day(house: House) -> None:
    modules = {module.path: module for module in house.program}
    way = [modules[path] for paths in WAY.values() for path in paths]
    assert sum(module.lines for module in way) <= WAY_LIMIT
    assert sum(module.lines - module.imports for module in way) <= WAY_READ_LIMIT
