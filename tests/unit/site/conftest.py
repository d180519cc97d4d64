import shutil
from pathlib import Path

import pytest

from shared.site.load import load_folder
from shared.site.tables.bundle import Site

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"


@pytest.fixture(scope="session")
def indre() -> Site:
    return load_folder(INDRE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example préfecture, to spoil."""
    return Path(shutil.copytree(INDRE, tmp_path / "indre"))
