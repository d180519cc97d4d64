"""The outbox over the years: what was told long ago is deleted, what waits is counted."""

import asyncio

from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log

TOLD_DAYS = 60
"""How long a told fact stays: well beyond the life of its record (`kafka.topics.LONGEST`)."""
PAGE = 5_000
PRUNE_SECONDS = 3600.0

log = Log("outbox")


async def prune(connection: Connection, schema: str) -> int:
    """Deletes at most 5,000 published facts over 60 days old from the outbox; returns how many.

    Only the lowest ids are looked at, so that the cost does not grow with what stays.
    """
    status = await connection.execute(
        f"""
        DELETE FROM "{schema}".outbox AS gone
        USING (SELECT id FROM "{schema}".outbox ORDER BY id LIMIT $2) AS oldest
        WHERE gone.id = oldest.id
          AND created_at < clock_timestamp() - make_interval(days => $1)
          AND NOT EXISTS (SELECT FROM "{schema}".outbox_waiting w WHERE w.id = gone.id)
        """,  # noqa: S608  (a schema is a name of our code, not input)
        TOLD_DAYS,
        PAGE,
    )
    return int(status.rpartition(" ")[2])


def prunes(pool: Pool, schema: str, stopping: asyncio.Event) -> Job:
    """Makes the background job that deletes old published outbox facts (60 days), each hour."""

    async def prune_all() -> None:
        removed = 1
        while removed and not stopping.is_set():
            async with transaction(pool) as connection:
                removed = await prune(connection, schema)
            log.debug("outbox_pruned", schema=schema, facts=removed)

    return every(PRUNE_SECONDS, prune_all, stopping)


async def depth(pool: "Pool | Connection", schema: str) -> int:
    """Returns the number of outbox facts that wait to be published for the first time."""
    return await _count(pool, schema, "NOT again")


async def depth_again(pool: "Pool | Connection", schema: str) -> int:
    """Returns the number of outbox facts that wait to be published again."""
    return await _count(pool, schema, "again")


async def _count(pool: "Pool | Connection", schema: str, which: str) -> int:
    question = f'SELECT count(*) FROM "{schema}".outbox_waiting WHERE {which}'  # noqa: S608  (as above)
    return int(await pool.fetchval(question))
