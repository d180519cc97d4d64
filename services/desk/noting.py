"""What the public form stands on when PostgreSQL goes away, and what it took meanwhile.

The last applied rules stay known to this process, and deposits that were noted on the disk become
rows of `desk.deposits` as soon as there is a register again.
"""

import asyncio
from functools import partial
from pathlib import Path

from services.desk.store import deposits, noted
from shared.database import Pool, transaction
from shared.jobs import Job, every
from shared.logs import Log
from shared.site.applied_rules import AppliedRules

EACH_SECONDS = 5.0

log = Log("noting")


async def take_notes(pool: Pool, rules: AppliedRules, spool: Path) -> int:
    """One pass; how many notes became rows. Their removal follows the commit.

    Raises:
        TemporaryFailure: the database or the disk are away; every note stays.
    """
    async with transaction(pool) as connection:
        await rules.if_any(connection)  # kept for when PostgreSQL is away
    notes = await asyncio.to_thread(noted.read, spool)
    if notes:
        async with transaction(pool) as connection:
            for one in notes:
                await deposits.first_time(connection, one.deposit, one.at)
        await asyncio.to_thread(noted.remove, spool, notes)
        log.info("deposits_noted", deposits=len(notes))
    return len(notes)


def notes(pool: Pool, rules: AppliedRules, spool: Path, stopping: asyncio.Event) -> Job:
    """The task: every five seconds."""
    return every(EACH_SECONDS, partial(take_notes, pool, rules, spool), stopping)
