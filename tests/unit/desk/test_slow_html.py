"""What the register parses of HTML beside its secrets is bounded, whatever a stranger wrote."""

import time
from collections.abc import Callable

import pytest

from services.desk.pages import originals
from services.desk.search import index_job
from tests.hostile_mails import SHAPES, SLOW

HTML = ("<div>", "<ul><li>", "tables in tables", "entities", *SLOW)
"""Shapes of which nh3 takes a time that grows with the size, or with its square."""
PARSED = 100_000
TIMES = 3
"""Of the work for a tenth: what is linear takes ten times as much, what is not a hundred times."""


@pytest.mark.parametrize("shape", HTML)
@pytest.mark.parametrize("parse", [originals.clean_html, index_job.words_of])
def test_a_million_letters_cost_no_more_than_a_tenth_of_them(
    parse: Callable[[str], str], shape: str
) -> None:
    tenth, whole = (html(shape, size) for size in (PARSED, 10 * PARSED))
    assert work(parse, whole) <= TIMES * work(parse, tenth)


def html(shape: str, size: int) -> str:
    """The body of the mail of this shape."""
    return {**SHAPES, **SLOW}[shape](size).partition(b"\r\n\r\n")[2].decode("latin-1")


def work(parse: Callable[[str], str], text: str) -> float:
    """Seconds of a processor, at best of three: whatever else the machine does."""
    found = list[float]()
    for _ in range(3):
        before = time.process_time()
        parse(text)
        found.append(time.process_time() - before)
    return min(found)
