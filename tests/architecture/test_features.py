"""A feature of the register is known only where it is registered: taking it out is one row.

That the rest stands without each of them: test_removable.py.
"""

import re
from collections.abc import Sequence

import pytest

from services.desk.features import FEATURES
from tests.house.removal import DESK, OWN, PROJECT, STANDS_ON, STAYS, TABLE
from tests.house.tree import House, project

REGISTERED = "features"
TEMPLATES = PROJECT / "services/desk/templates"
LINK = re.compile(r'(?:href|action)="(/[^"]*)"')
CORE = {"domain", "store", "handlers", "pages", "commands", "french"}


@pytest.fixture(scope="module")
def house() -> House:
    return project()


@pytest.mark.parametrize("feature", OWN)
def test_a_feature_is_known_only_where_it_is_registered(house: House, feature: str) -> None:
    above = [other for other, on in STANDS_ON.items() if feature in on]
    known = [part for name in (feature, *above) for part in (name, *OWN[name])]
    others = {
        module
        for module, imported in house.imports.items()
        if any(_is_in(name, (feature, *OWN[feature])) for name in imported)
        if not _is_in(module, known) and module != DESK + REGISTERED
    }
    assert others == set()


def test_each_room_of_the_register_is_a_feature_or_a_part_of_every_service(house: House) -> None:
    rooms = {
        module.name.removeprefix(DESK).split(".")[0]
        for module in house.program
        if module.is_package and module.name.startswith(DESK)
    }
    assert rooms == OWN.keys() | STAYS.keys() | CORE


def test_each_feature_has_its_row() -> None:
    rows = (PROJECT / TABLE).read_text("utf-8")
    assert [feature for feature in OWN if f'    "{feature}": Feature(' not in rows] == []


@pytest.mark.parametrize("feature", OWN)
def test_a_template_asks_before_it_leads_to_a_feature(feature: str) -> None:
    """By `has_page`, on the same line; those that stand on the feature go with it."""
    addresses = [_pattern(page.path) for page in FEATURES[feature].pages]
    unasked = [
        f"{path.relative_to(PROJECT)}:{number}: {address}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if (room := path.relative_to(TEMPLATES).parts[0]) != feature
        if feature not in STANDS_ON.get(room, ())
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for address in LINK.findall(line)
        if "has_page(" not in line and any(pattern.match(address) for pattern in addresses)
    ]
    assert unasked == []


def _pattern(path: str) -> re.Pattern[str]:
    """The address of a page as a template writes it: `/courrier/{{ chrono }}/preuve?…`."""
    parts = [re.escape(part) for part in re.split(r"\{[^}]*\}", path)]
    return re.compile(r"(?:\{\{[^}]*\}\}|[^/\"?]+)".join(parts) + r"(?=[?#/]|$)")


def _is_in(module: str, rooms: Sequence[str]) -> bool:
    short = module.removeprefix(DESK)
    return any(short == room or short.startswith(f"{room}.") for room in rooms)
