"""Each night the heads of all chains that grew are sealed under one root, and the root is told.

The fact reaches the référent qualité's mailbox through notify: out of the reach of whoever could
rewrite this database. A process that was down seals on its return, one root for all those days.
"""

import asyncio
from datetime import datetime, timedelta

from services.desk import books
from services.desk.domain.roots import Root, next_root
from services.desk.domain.stamp import REGISTER, Stamp
from services.desk.rules import Rules
from services.desk.store import facts, quality, roots
from shared import ids
from shared.clock import Clock, sure
from shared.database import Connection, Pool, transaction
from shared.facts.gone import EvidenceSealed
from shared.jobs import Job, every
from shared.site import store
from shared.site.bundle import AppliedSite

EACH_SECONDS = 60.0


async def seal(connection: Connection, applied: AppliedSite, now: datetime) -> Root | None:
    """Seals the local day that ended last; `None` when it is sealed already."""
    site = applied.site
    day = now.astimezone(site.zone).date() - timedelta(days=1)
    await roots.alone(connection)
    last = await roots.last(connection)
    if last is not None and last.day >= day:
        return None
    register = ids.register_id(site.identity.id)
    await quality.begin(connection, site.identity.id, now)
    await books.open_all(connection, site.identity.id, now)
    heads = await roots.grown(connection)
    root = next_root(last, day, heads)
    await roots.keep(connection, root, heads, now)
    cause = ids.event_id(register, "root", day.isoformat())
    stamp = Stamp(register, root.night - 1, cause, REGISTER, now)
    told = EvidenceSealed(**stamp(1), day=day, root=root.root, chains=root.chains)
    await facts.keep(connection, [told])
    return root


def seals(pool: Pool, rules: Rules, clock: Clock, stopping: asyncio.Event) -> Job:
    """The task: looks every minute whether a day has ended."""

    async def look() -> None:
        async with transaction(pool) as connection:
            version, _ = await store.state(connection)
            if version is not None:
                await seal(connection, await rules(connection), sure(clock))

    return every(EACH_SECONDS, look, stopping)
