"""The register tells its facts again, with the same ids: for readers that lost or never had them.

It keeps every fact for ever, so that what its outbox has forgotten is told again too.
"""

from datetime import datetime
from uuid import UUID

from services.desk.store import facts, quality
from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox_retell

PAGE = 200
"""Items told in one transaction."""


async def tell_again(pool: Pool, since: datetime | None) -> int:
    """Republishes all facts of items that have a new fact since `since`; returns how many.

    They are put into the outbox again with the same ids. Facts that can't be read are left out.

    Raises:
        TemporaryFailure: PostgreSQL is away; what was put before waits in the outbox.
    """
    told = 0
    after: UUID | None = None
    while True:
        async with transaction(pool) as connection:
            page, after = await facts.since(connection, since, after, PAGE)
            await outbox_retell.put_again(connection, facts.SCHEMA, page)
        if after is None:
            break
        told += len(page)
    async with transaction(pool) as connection:
        rest = await quality.since(connection, since)
        await outbox_retell.put_again(connection, quality.SCHEMA, rest)
    return told + len(rest)
