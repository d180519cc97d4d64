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
    """Deletes stored answers to programs' decisions after thirty days; returns how many.

    They are kept to answer a repeated request. Some are deleted in each transaction: when the
    database is away this raises TemporaryFailure, and those stay deleted.
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
    """Makes the background job that each hour deletes old stored answers to programs' decisions."""

    async def forget_now() -> None:
        await forget(parts.pool, sure(parts.clock))

    return every(EACH_SECONDS, forget_now, parts.stopping)
