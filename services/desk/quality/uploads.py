"""Documents that somebody uploaded and that no fact came to name are erased after a day."""

from datetime import datetime, timedelta
from typing import Final

from services.desk.jobs import JobContext
from services.desk.quality.store import uploads
from shared.platform.clock import sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log

EACH_SECONDS: Final = 3600.0
LEFT_FOR: Final = timedelta(days=1)
"""A form that is open longer is loaded anew."""

log = Log("uploads")


async def sweep(pool: Pool, now: datetime) -> int:
    """Orders the erasure of day-old uploaded documents that no fact names; returns how many."""
    async with transaction(pool) as connection:
        swept = await uploads.sweep(connection, now - LEFT_FOR, now)
    if swept:
        log.info("swept", folders=len(swept))
    return len(swept)


def sweeps(parts: JobContext) -> Job:
    """Makes the background job that looks each hour for documents that no fact names."""

    async def look() -> None:
        await sweep(parts.pool, sure(parts.clock))

    return every(EACH_SECONDS, look, parts.stopping)
