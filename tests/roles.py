"""The limited role of each service: what its process may do is what its tests may do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode, urlsplit

from pydantic import SecretStr

from shared.platform.database import Connection, open_pool, transaction
from shared.platform.postgres.rights import prefix_of


def under_role(url: str, service: str) -> str:
    """The same database, every session with the rights of this service alone.

    `service`: also `web`, `public`, `status`, `grafana`, `rehearsal`.
    """
    parts = urlsplit(url)
    query = "&".join(
        part
        for part in (parts.query, urlencode({"role": f"{prefix_of('indre')}_{service}"}))
        if part
    )
    return parts._replace(query=query).geturl()


@asynccontextmanager
async def one_transaction(url: str) -> AsyncIterator[Connection]:
    """One transaction as somebody else than the service, such as the owner who applies rules."""
    pool = await open_pool(SecretStr(url), "tests", size=1)
    try:
        async with transaction(pool) as connection:
            yield connection
    finally:
        await pool.close()
