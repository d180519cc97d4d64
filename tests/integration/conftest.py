"""What holds whatever an integration test does."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.held_connections import watched

WATCHED = (
    "services.desk.pages",
    # The tasks of `desk keep`.
    "services.desk.retention.blob_deletion",
    "services.desk.exports.evening",
    "services.desk.retention.purge",
    "services.desk.handlers",
    "services.desk.migration.job",
    "services.desk.search.index_job",
    "services.desk.journal.export",
    "services.desk.evidence.seals",
    "services.desk.evidence.verification.night",
    "services.ingest",
    "services.notify",
    "services.sla",
)
"""Modules, with all below them, that keep no connection across a file."""

EXCEPTED = (
    # A decision and the words that it names are one: the words are there before it is committed,
    # by whoever is signed in, under the lock of their own item.
    "services.desk.reply_address:reachable",
    "services.desk.letters.composer:_kept",
    "services.desk.service:_subject",
    "services.desk.pages.office.sender:note",
    # A list is written as its rows come, by a cursor: PAGE_SECONDS at most.
    "services.desk.pages.exports:export",
    # Templates are read once.
    "services.desk.pages.renderer:__call__",
)
"""What may do so (`module:function`), and why."""


@pytest.fixture(autouse=True)
def _no_file_under_a_connection() -> Iterator[None]:
    """No page and no task keeps a connection across a file, another machine or a child."""
    with watched() as watch:
        yield
    seen = {name: watch.within(name, but=EXCEPTED) for name in WATCHED}
    assert {name: where for name, where in seen.items() if where} == {}


def pytest_configure() -> None:
    """A module that was renamed is watched under its new name."""
    gone = [name for name in WATCHED if find_spec(name) is None]
    assert not gone, f"{__file__} watches what is no more: {gone}"
