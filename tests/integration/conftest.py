"""What holds whatever an integration test does."""

from collections.abc import Iterator

import pytest

from tests.held_connections import watched

EXCEPTED = (
    # A decision and the words that it names are one: the words are there before it is committed,
    # by whoever is signed in, under the lock of their own item.
    "services.desk.addressing:reachable",
    "services.desk.composing:_kept",
    "services.desk.service:_subject",
    "services.desk.pages.office.sender:note",
    # A list is written as its rows come, by a cursor: PAGE_SECONDS at most.
    "services.desk.pages.search.results:export",
    # A person's command is a process of its own: nobody else waits for its connections.
    "services.desk.commands.session:_run_with_pool",
    # Templates are read once.
    "services.desk.pages.drawing:__call__",
)
"""What may touch a file while it holds a connection (`module:function`), and why."""


@pytest.fixture(autouse=True)
def _no_file_under_a_connection() -> Iterator[None]:
    """No service keeps a connection of its pool across a file, another machine or a child."""
    with watched() as watch:
        yield
    assert watch.within("services.", but=EXCEPTED) == []
