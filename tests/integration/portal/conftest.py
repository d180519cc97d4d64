"""A portal with a site and a database of its own, under its role; beside it the register's."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from shared.platform.clock import Clock, open_clock
from shared.platform.database import Pool, open_pool
from tests.desk_browser import TODAY
from tests.roles import one_transaction, under_role


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    """What the portal may."""
    pool = await open_pool(SecretStr(under_role(postgres_url, "portal")), "tests")
    yield pool
    await pool.close()


@pytest.fixture
async def register(postgres_url: str) -> AsyncIterator[Pool]:
    """What the register may, which hears of deposits."""
    pool = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    yield pool
    await pool.close()


@pytest.fixture
async def story_clock(pool: Pool, postgres_url: str) -> Clock:
    """A clock whose story stands at `TODAY`."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    return await open_clock(pool, SecretStr(under_role(postgres_url, "portal")))
