"""Files of tests that take long begin first, and keep the order of their tests."""

from pathlib import Path

from tests.longest_first import SECONDS, pytest_collection_modifyitems

ROOT = Path(__file__).parents[3]


class Named:
    """A test, as far as its order goes."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def ordered(*nodeids: str) -> list[str]:
    items = [Named(nodeid) for nodeid in nodeids]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]  # it reads their ids alone
    return [item.nodeid for item in items]


def test_each_file_that_is_named_is_there() -> None:
    assert [path for path in SECONDS if not (ROOT / path).is_file()] == []


def test_a_file_of_one_long_test_begins_before_one_of_many_short_ones() -> None:
    long = "tests/integration/desk/test_order_of_locks.py::test_z"
    many = [f"tests/unit/a.py::test_{n}" for n in range(3)]
    two = [f"tests/unit/b.py::test_{n}" for n in (2, 1)]
    assert ordered(*two, *many, long) == [long, *many, *two]


def test_the_files_of_a_story_stay_in_the_order_of_their_names() -> None:
    story = ["tests/e2e/test_a.py::test_1", "tests/e2e/test_b.py::test_2", "tests/e2e/test_b.py::x"]
    assert ordered(*story) == story
