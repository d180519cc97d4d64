"""The layers of `.importlinter`, read as a table: which room of which house a module stands in."""

from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from dataclasses import dataclass

from tests.house.tree import House

FLOORS = {"shared": 0, "services": 1, "deploy": 2}
"""The three folders from the ground up."""


@dataclass(frozen=True)
class Layers:
    """One contract's layers within one container, the highest first."""

    container: str
    rooms: Sequence[Sequence[str]]

    def place(self, module: str) -> int | None:
        """How far below the roof a module is, None outside."""
        for depth, siblings in enumerate(self.rooms):
            for room in siblings:
                whole = f"{self.container}.{room}"
                if module == whole or module.startswith(f"{whole}."):
                    return depth
        return None


def layers_of(linter: str) -> Sequence[Layers]:
    """Reads the contracts of type `layers`; optional layers count like others."""
    parsed = ConfigParser()
    parsed.read_string(linter)
    return [
        Layers(container, [_siblings(line) for line in contract["layers"].split("\n") if line])
        for contract in map(parsed.__getitem__, parsed.sections())
        if contract.get("type") == "layers"
        for container in contract["containers"].split()
    ]


def upward(house: House) -> Iterator[str]:
    """Imports that climb: within a container's layers, or from one of the three folders up."""
    layers = layers_of(house.linter)
    # Looked up once a module: at each import it would be most of the time of all figures.
    places = [{module: layer.place(module) for module in house.imports} for layer in layers]
    for module, imported in house.imports.items():
        for other in imported:
            if _floor(other) > _floor(module) or any(
                _climbs(place[module], place[other]) for place in places
            ):
                yield f"{module} → {other}"


def _climbs(here: int | None, there: int | None) -> bool:
    return here is not None and there is not None and there < here


def _floor(module: str) -> int:
    return FLOORS[module.split(".", maxsplit=1)[0]]


def _siblings(line: str) -> Sequence[str]:
    return [room.strip(" ()") for room in line.replace("|", ":").split(":")]
