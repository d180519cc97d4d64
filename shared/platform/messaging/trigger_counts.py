"""Counts that triggers keep (shared/sql/0050_counting.sql), folded once a minute.

A count is `sum(n)` of its cell's rows. Folding is all that a process does for them: it makes the
rows of a cell one again, and changes no sum.
"""

import asyncio
from functools import partial

from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every

FOLD_SECONDS = 60.0
FOLD = "SELECT site.fold_counts($1)"


async def fold(pool: Pool, schema: str) -> None:
    """Sums the increments that database triggers wrote into one row for each counter.

    Two processes may do so at once.
    """
    async with transaction(pool) as connection:
        await connection.execute(FOLD, schema)


def folds(pool: Pool, schema: str, stopping: asyncio.Event) -> Job:
    """Makes the background job that once a minute sums the counters kept by triggers."""
    return every(FOLD_SECONDS, partial(fold, pool, schema), stopping)
