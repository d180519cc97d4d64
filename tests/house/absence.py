"""Imports every module as if features of the register were not there, without a copy of the tree.

What needs no feature is imported once, while none of them can be found. Each group of features is
then tried in a fork of that process, in which only this group can't be found: so whatever imports
one of them, in whichever way, fails there as it would in a tree without their folders.
"""

import gc
import importlib
import importlib.abc
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

import click

from tests.house.removal import DESK, OWN, PROJECT, TABLE, without

FEATURES: Final = f"{DESK}features"
ROOMS: Final = ("services", "shared")
RUN_ALONE: Final = ("__main__", "_child", "verifier", "retirer")
"""Ends of the names of programs that run when they are imported, or in another environment."""


class Table(importlib.abc.InspectLoader):
    """Loads the table of features without the rows of some."""

    def __init__(self, gone: Sequence[str]) -> None:
        self._source = without((PROJECT / TABLE).read_text("utf-8"), gone)

    def get_source(self, fullname: str) -> str:
        """Returns the text of the module, whatever its name."""
        del fullname
        return self._source

    def is_package(self, fullname: str) -> bool:
        """Whether it is the opening page of a folder, which the table is not."""
        del fullname
        return False


class Absence(importlib.abc.MetaPathFinder):
    """A finder of modules, asked before all others, that finds none of some features."""

    def __init__(self) -> None:
        self.gone: Collection[str] = (FEATURES, *parts(list(OWN)))
        """Dotted names of what can't be found, with all below: at first every feature."""
        self.table: Table | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for what is gone; leaves all else to the other finders."""
        del path, target
        if fullname == FEATURES and self.table is not None:
            return importlib.util.spec_from_loader(fullname, self.table)
        if any(fullname == name or fullname.startswith(f"{name}.") for name in self.gone):
            raise ModuleNotFoundError(f"No module named {fullname!r}: taken away", name=fullname)
        return None


def parts(features: Sequence[str]) -> list[str]:
    """The modules and packages that these features consist of."""
    return [DESK + part for feature in features for part in (feature, *OWN[feature])]


def modules() -> Iterator[str]:
    """Yields the name of each module of the program that can be imported by itself."""
    for room in ROOMS:
        for path in sorted((PROJECT / room).rglob("*.py")):
            name = path.relative_to(PROJECT).with_suffix("").as_posix().replace("/", ".")
            if not name.endswith(RUN_ALONE):
                yield name.removesuffix(".__init__")


def attempt(groups: Sequence[Sequence[str]]) -> Mapping[str, Sequence[str] | str]:
    """Imports all that is left without each group of features; groups by their names, as typed.

    Returns the features that the table has then, or the failure as Python prints it.
    """
    absence = Absence()
    sys.meta_path.insert(0, absence)
    names = list(modules())
    later = [name for name in names if not _needs_none(name)]
    gc.freeze()  # what is shared with the forks is not looked through in each
    return {",".join(group): _forked(absence, group, later) for group in groups}


def _needs_none(name: str) -> bool:
    """Whether a module imports without any feature: what does not is imported in the forks."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith(DESK):
            raise
        return False
    return True


def _forked(absence: Absence, group: Sequence[str], names: Sequence[str]) -> Sequence[str] | str:
    reads, writes = os.pipe()
    if not (child := os.fork()):
        os.close(reads)
        try:
            told = json.dumps(_imported(absence, group, names))
        except BaseException:  # noqa: BLE001  (whatever it is, it is told)
            told = json.dumps(traceback.format_exc())
        with os.fdopen(writes, "w") as pipe:
            pipe.write(told)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    found: Sequence[str] | str = json.loads(said or '"The process died."')
    return found


def _imported(absence: Absence, group: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    absence.gone, absence.table = parts(group), Table(group)
    for name in names:
        if not any(name == part or name.startswith(f"{part}.") for part in absence.gone):
            importlib.import_module(name)
    return list(importlib.import_module(FEATURES).FEATURES)


if __name__ == "__main__":
    click.echo(json.dumps(attempt([words.split(",") for words in sys.argv[1:]])))
