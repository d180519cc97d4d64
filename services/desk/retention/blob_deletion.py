"""What is condemned leaves the disk; what was set aside is condemned after six months.

A command erases at once what it condemned. This task does it for the pages, and finishes what a
crash or an absent disk left.
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from services.desk.jobs import JobContext
from services.desk.retention.store import deletions
from services.desk.store import deposits, erasures
from shared.calendar.working_days import add_months
from shared.content.blobs import Blobs
from shared.platform.clock import sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.applied_rules import Rules

EACH_SECONDS = 10.0
ASIDE_MONTHS = 6
"""A newsletter or a robot's mail may be made an item so long (docs/design.md, law 1)."""

log = Log("erasing")


def aside_until(now: datetime, zone: ZoneInfo) -> datetime:
    """Returns the moment six months ago: arrivals set aside before it are to be deleted."""
    day = add_months(now.astimezone(zone).date(), -ASIDE_MONTHS)
    return datetime.combine(day, time(), zone)


async def tidy(pool: Pool, rules: Rules, blobs: Blobs, now: datetime) -> int:
    """Deletes blobs scheduled for deletion, those of arrivals long set aside, and old deposits.

    Returns how many folders were erased.

    Raises:
        TemporaryFailure: the disk or the database are away; the rest is deleted another time.
    """
    while True:
        async with transaction(pool) as connection:
            applied = await rules.if_any(connection)
            if applied is None:
                return 0
            zone = applied.site.zone
            old = await deletions.set_aside_until(connection, aside_until(now, zone))
            await erasures.condemn(connection, old, "set_aside", now)
        if not old:
            break
    async with transaction(pool) as connection:
        await deposits.forget(connection, now - deposits.ANSWERED_FOR)
    erased = await deletions.erase(pool, blobs, now)
    if erased:
        log.info("erased", folders=erased)
    return erased


def erases(parts: JobContext) -> Job:
    """Makes the background job that every ten seconds deletes blobs scheduled for deletion."""

    async def erase() -> None:
        await tidy(parts.pool, parts.rules, parts.blobs, sure(parts.clock))

    return every(EACH_SECONDS, erase, parts.stopping)
