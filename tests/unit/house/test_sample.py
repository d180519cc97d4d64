"""The sheet of docstrings to be read aloud: what may be drawn, and by what."""

from tests.house.sample import Documented, documented, draw, seed_of
from tests.house.tree import House, Module

SOURCE = '''
class Shown:
    """A class."""

    def method(self) -> None:
        """A method."""

    def _hidden(self) -> None:
        """A private method."""

    async def bare(self) -> None: ...


class _Private:
    """A private class."""

    def method(self) -> None:
        """A method that nobody outside calls."""


def function() -> None:
    """A function.

    With more below.
    """
'''
MANY = [Documented("shared/a.py", f"f{number}", "It.") for number in range(100)]


def test_public_names_with_a_docstring_may_be_drawn_and_no_test() -> None:
    house = House([Module("shared/a.py", SOURCE), Module("tests/b.py", SOURCE)])
    assert documented(house) == [
        Documented("shared/a.py", "Shown", "A class."),
        Documented("shared/a.py", "Shown.method", "A method.", "(self) -> None"),
        Documented("shared/a.py", "function", "A function.\n\nWith more below.", "() -> None"),
    ]


def test_one_seed_draws_the_same_whatever_the_order_and_another_seed_others() -> None:
    drawn = draw(MANY, "71", 5)
    assert len(drawn) == len(set(drawn)) == 5
    assert draw(MANY[::-1], "71", 5) == drawn
    assert draw(MANY, "72", 5) != drawn


def test_what_is_not_drawn_may_go_without_a_change() -> None:
    drawn = draw(MANY, "71", 5)
    rest = [found for found in MANY if found in drawn or found.name.endswith("0")]
    assert set(drawn) <= set(rest)
    assert draw(rest, "71", 5) == drawn


def test_the_seed_is_the_word_or_the_variable_or_one() -> None:
    assert seed_of(["6174"], {"SEED": "8128"}) == "6174"
    assert seed_of([], {"SEED": "8128"}) == "8128"
    assert seed_of([], {"SEED": ""}) == seed_of([], {}) == "1"
