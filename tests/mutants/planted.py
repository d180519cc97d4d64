"""A pytest plugin that puts a mutant in the place of its module, before anything imports it."""

import os
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

MODULE, SOURCE = os.environ["MUTANT_MODULE"], Path(os.environ["MUTANT_SOURCE"])


class _Mutated(InspectLoader):
    def get_source(self, fullname: str) -> str:
        del fullname
        return SOURCE.read_text(encoding="utf-8")


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        return spec_from_loader(fullname, _Mutated()) if fullname == MODULE else None


assert MODULE not in sys.modules, "imported before it could be replaced"
sys.meta_path.insert(0, _Finder())
