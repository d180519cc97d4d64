"""The register tells its facts again, with the same ids: for readers that lost or never had them.

It keeps every fact for ever, so that what its outbox has forgotten is told again too.
"""

from datetime import datetime
from uuid import UUID

from services.desk.store import facts, quality
from shared import outbox
from shared.database import Pool, transaction

PAGE = 200
"""Items told in one transaction."""


async def tell_again(pool: Pool, since: datetime | None) -> int:
    """Puts whole items of which something was recorded since, behind what is fresh; how many facts.

    Raises:
        TemporaryFailure: PostgreSQL is away; what was put before waits.
    """
    told, after = 0, None
    while True:
        async with transaction(pool) as connection:
            page = await facts.since(connection, since, after, PAGE)
            await outbox.put_again(connection, facts.SCHEMA, [fact for _, fact in page])
        if not page:
            break
        told, after = told + len(page), UUID(str(page[-1][0]))
    async with transaction(pool) as connection:
        rest = await quality.since(connection, since)
        await outbox.put_again(connection, quality.SCHEMA, rest)
    return told + len(rest)
