import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.platform.database import Pool, open_pool
from shared.site.load import SiteProposal, load_proposal

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"


@pytest.fixture(scope="session")
def indre() -> SiteProposal:
    return load_proposal(INDRE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INDRE, tmp_path / "indre"))


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(SecretStr(postgres_url), "test", size=3)
    yield opened
    await opened.close()
