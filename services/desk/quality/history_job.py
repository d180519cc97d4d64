"""What reports read of each item's facts is kept beside it, for the few items that moved since.

A row counts as long as its number is that of the item (sql/0273): whatever this job has not done
yet, a report reads from the facts itself, slower and the same.
"""

from typing import Final

from services.desk.jobs import JobContext
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, Left, every

EACH_SECONDS: Final = 900.0
AT_ONCE: Final = 20_000
"""Items of one transaction."""


async def keep(connection: Connection, most: int = AT_ONCE) -> int:
    """Stores what reports need of items' pasts, for items whose stored past lacks new facts.

    Returns how many; `most` at once.
    """
    return int(await connection.fetchval("SELECT desk.keep_histories($1)", most))


def keeps_histories(parts: JobContext) -> Job:
    """Makes the background job that stores each item's history for quality reports."""

    async def look() -> Left | None:
        async with transaction(parts.pool) as connection:
            kept = await keep(connection)
        return Left.MORE if kept == AT_ONCE else None

    return every(EACH_SECONDS, look, parts.stopping)
