"""A register with a database of its own, under the role of desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.platform.clock import Clock, open_clock
from shared.platform.database import Pool, open_pool
from tests.code_keys import SECRET
from tests.desk_browser import TODAY, pages_ask
from tests.roles import one_transaction, under_role


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    """The register's own connections; pages of it ask under the role of pages, as deployed."""
    pool = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    async with pages_ask(pool, under_role(postgres_url, "web")):
        yield pool
    await pool.close()


@pytest.fixture
def environment(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What a command of the register reads."""
    variables = {
        "VAGUEMESTRE_DATABASE_URL": under_role(postgres_url, "desk"),
        "VAGUEMESTRE_KAFKA": "127.0.0.1:1",
        "VAGUEMESTRE_BLOBS": str(tmp_path / "blobs"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_SECRET": SECRET,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
async def story_clock(pool: Pool, postgres_url: str) -> Clock:
    """A clock whose story stands at `TODAY`."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    return await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
