"""Each night and each hour of work the chains that grew are sealed under one root, which is told.

The fact leaves by three roads through notify: out of the reach of whoever could rewrite this
database (ADR 0048). A process that was down seals on its return, one root for all that time.

A root asks nobody what a row says: one that can't be read hinders none. What is to be stated of
months and books comes after it, and is under the next one.
"""

from datetime import date, datetime

from services.desk import books, month_corrections
from services.desk.domain.roots import Root, day_due, next_root
from services.desk.domain.stamp import REGISTER, Stamp
from services.desk.evidence.store import roots
from services.desk.jobs import JobContext
from services.desk.store import facts, quality
from services.desk.store.roots import last as last_root
from shared.facts import ids
from shared.facts.items.evidence import EvidenceSealed
from shared.platform.clock import sure
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS = 60.0


async def seal(connection: Connection, applied: AppliedSite, now: datetime) -> Root | None:
    """Seals the chains that grew since the last root, if a night or hour of work has ended.

    Returns the new root, or `None` if nothing is due.
    """
    site = applied.site
    await roots.lock_sealing(connection)
    last = await last_root(connection)
    day = day_due(
        last,
        now,
        grown=await roots.any_grown(connection),
        hours=site.identity.opening,
        days=applied.days,
        zone=site.zone,
    )
    if day is None:
        return None
    register = ids.register_id(site.identity.id)
    heads = await roots.grown(connection)
    root = next_root(last, day, heads, now)
    await roots.keep(connection, root, heads)
    nightly = _ended(day, applied, now)
    name = day.isoformat() if nightly else f"{day.isoformat()} {root.night}"
    cause = ids.event_id(register, "root", name)
    stamp = Stamp(register, root.night - 1, cause, REGISTER, now)
    told = EvidenceSealed(**stamp(1), day=day, root=root.root, chains=root.chains)
    await facts.keep(connection, [told])
    return root


def _ended(day: date, applied: AppliedSite, now: datetime) -> bool:
    return day < now.astimezone(applied.site.zone).date()


async def state(connection: Connection, applied: AppliedSite, root: Root, now: datetime) -> None:
    """Records the quality facts that follow a new root: opened books, corrected months.

    To be called in another transaction than the sealing.
    """
    site = applied.site.identity.id
    await quality.begin(connection, site, now)
    await books.open_all(connection, site, now)
    if _ended(root.day, applied, now):
        await month_corrections.state(connection, applied.site, now)


async def once(pool: Pool, applied: AppliedSite, now: datetime) -> None:
    """Seals the evidence if it is due, and records the quality facts that follow."""
    async with transaction(pool) as connection:
        root = await seal(connection, applied, now)
    if root is not None:
        async with transaction(pool) as connection:
            await state(connection, applied, root, now)


def seals(parts: JobContext) -> Job:
    """Makes the background job that checks each minute whether evidence must be sealed."""

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
        if applied is not None:
            await once(parts.pool, applied, sure(parts.clock))

    return every(EACH_SECONDS, look, parts.stopping)
