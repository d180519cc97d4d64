"""A feature of the register is known only where it is registered: taking it out is a short list.

Who removes a feature takes away its folder and the modules that stand here for it, and their lines
in the routes of the pages, the commands and the app; no other module of the program names it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.house.tree import House, read

PROJECT = Path(__file__).parents[2]
DESK = "services.desk."
OWN: Mapping[str, Sequence[str]] = {
    "evidence": ("pages.evidence", "commands.evidence", "commands.audit"),
    "exports": ("commands.exports",),
    "indicators": ("commands.months",),
    "journal": ("pages.evidence.access_journal",),
    "letters": ("pages.letters", "commands.letters", "commands.compose"),
    "migration": ("pages.search.imports", "commands.imports"),
    "quality": ("pages.quality",),
    "retention": ("pages.evidence.destruction_lists", "commands.retention"),
    "search": ("pages.search.results", "commands.search"),
}
"""The feature's pages and commands, which go with it. Without `accounts` nobody would sign in."""
NEIGHBOURS: Mapping[str, Sequence[str]] = {
    "evidence": (
        "commands.processes",  # who plans clocks again for the nightly verification
        "commands.retention",
        "metrics",
        "pages.office.print_queue",
        "services.ops.replanner",
    ),
    "exports": ("pages.evidence.audits", "pages.quality", "pages.search.results"),
    "indicators": (
        "evidence.seals",
        "pages.evidence.months",
        "pages.quality.month_figures",
    ),
    "journal": ("pages.journal_entries", "pages.signin"),
    "letters": ("pages.people.delegation_pages",),
    "retention": ("evidence.verification.counts",),
    "search": (
        "commands.exports",
        "exports.evening",
        "migration.spreadsheet.lines",
        "pages.office.proposals",
    ),
}
"""Who else knows it today: this list is only ever shortened."""
PARTS = ("app", "pages.routes", "commands")
"""Where features are registered."""


@pytest.fixture(scope="module")
def house() -> House:
    return read(PROJECT)


@pytest.mark.parametrize("feature", OWN)
def test_a_feature_is_known_only_where_it_is_registered(house: House, feature: str) -> None:
    known = (feature, *OWN[feature], *NEIGHBOURS.get(feature, ()))
    others = {
        module
        for module, imported in house.imports.items()
        if any(_is_in(name, (feature,)) for name in imported)
        if not _is_in(module, known) and module.removeprefix(DESK) not in PARTS
    }
    assert others == set()


@pytest.mark.parametrize("feature", NEIGHBOURS)
def test_no_neighbour_stands_there_that_no_longer_knows_the_feature(
    house: House, feature: str
) -> None:
    for neighbour in NEIGHBOURS[feature]:
        assert any(
            _is_in(module, (neighbour,)) and any(_is_in(name, (feature,)) for name in imported)
            for module, imported in house.imports.items()
        ), neighbour


def test_each_room_of_the_register_is_a_feature_or_a_part_of_every_service(house: House) -> None:
    rooms = {
        module.name.removeprefix(DESK).split(".")[0]
        for module in house.program
        if module.is_package and module.name.startswith(DESK)
    }
    core = {"domain", "store", "handlers", "pages", "commands", "french", "accounts"}
    assert rooms == OWN.keys() | core


def _is_in(module: str, rooms: Sequence[str]) -> bool:
    short = module.removeprefix(DESK)
    return any(short == room or short.startswith(f"{room}.") for room in rooms)
