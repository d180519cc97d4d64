"""Docstrings of one kind begin alike: whoever has read one page knows how the next is read."""

from collections.abc import Iterator

from pydantic import BaseModel

from services.desk.features import FEATURES
from shared.facts import clocks, notices, observations, quality
from shared.facts.envelope import Fact
from shared.facts.items.registration import ItemRegistered

READ = ("Shows ", "Downloads ", "Redirects ", "Signs in ")
"""How the docstring begins of a handler that a browser asks without a form."""


def test_each_page_says_what_it_shows_downloads_or_leads_to() -> None:
    """Not those that a table of decisions makes: they have no name of their own."""
    handlers = {
        page.handler
        for feature in FEATURES.values()
        for page in feature.pages
        if "GET" in page.methods
    }
    named = [handler for handler in handlers if "<locals>" not in handler.__qualname__]
    assert len(named) > 100
    assert not [
        f"{handler.__module__}.{handler.__qualname__}: {handler.__doc__}"
        for handler in named
        if not (handler.__doc__ or "").startswith(READ)
    ]


def test_each_fact_says_that_it_is_one() -> None:
    """AsyncAPI shows these sentences: docs/asyncapi.json."""
    ours = [fact for fact in _below(Fact) if not fact.__module__.startswith("tests.")]
    told = [fact for fact in ours if "type" in fact.__annotations__]
    assert {clocks.RungsTold, notices.NoticeSent, observations.BounceSeen} <= set(told)
    assert {ItemRegistered, quality.MonthClosed} <= set(told)
    assert not [fact for fact in told if not (fact.__doc__ or "").startswith("Fact: ")]


def _below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
