"""Docstrings of one kind begin alike: whoever has read one page knows how the next is read."""

from services.desk.features import FEATURES

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
