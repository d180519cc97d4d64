"""The register tells its facts again, with the same ids: for readers that lost or never had them.

It keeps every fact for ever, so that what its outbox has forgotten is told again too.
"""

from datetime import datetime
from uuid import UUID

from services.desk.store import facts, quality
from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox

PAGE = 200
"""Items told in one transaction."""


async def tell_again(pool: Pool, since: datetime | None) -> int:
    """Puts all facts of items with news since then into the outbox again; returns how many.

    A fact that can't be read is left out (shared/platform/postgres/rows.py).

    Raises:
        TemporaryFailure: PostgreSQL is away; what was put before waits.
    """
    told = 0
    after: UUID | None = None
    while True:
        async with transaction(pool) as connection:
            page, after = await facts.since(connection, since, after, PAGE)
            await outbox.put_again(connection, facts.SCHEMA, page)
        if after is None:
            break
        told += len(page)
    async with transaction(pool) as connection:
        rest = await quality.since(connection, since)
        await outbox.put_again(connection, quality.SCHEMA, rest)
    return told + len(rest)
