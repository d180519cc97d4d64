"""The job of `desk keep` that forgets what was answered to the decisions of programs.

No decision pays for it: whoever claims an Idempotency-Key only adds a row.
"""

from datetime import datetime

from services.desk.api.store import decisions
from services.desk.jobs import JobContext
from shared.platform.clock import sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log

EACH_SECONDS = 3600.0

log = Log("api")


async def forget(pool: Pool, now: datetime) -> int:
    """Deletes the answers older than thirty days, some in each transaction; returns how many.

    Raises TemporaryFailure when the database is away; what was deleted before stays so.
    """
    gone = 0
    while True:
        async with transaction(pool) as connection:
            deleted = await decisions.forget(connection, now - decisions.KEPT)
        gone += deleted
        if deleted < decisions.FORGOTTEN_AT_ONCE:
            break
    if gone:
        log.info("answers_forgotten", answers=gone)
    return gone


def forgets_answers(parts: JobContext) -> Job:
    """Makes the background job that forgets old answers, once an hour."""

    async def forget_now() -> None:
        await forget(parts.pool, sure(parts.clock))

    return every(EACH_SECONDS, forget_now, parts.stopping)
