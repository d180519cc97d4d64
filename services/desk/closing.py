"""A month is closed by the quality officer, once, when it is over."""

from dataclasses import replace
from datetime import date, datetime

from services.desk.domain.months import RUNNING, Month, proof
from services.desk.store import months, quality
from services.desk.store.quality import Author
from shared.database import Connection
from shared.errors import Refused
from shared.facts.quality import MonthClosed
from shared.origin import Origin
from shared.site.bundle import AppliedSite
from shared.site.people import Person


async def close(
    connection: Connection,
    month: date,
    person: Person,
    applied: AppliedSite,
    now: datetime,
    origin: Origin,
    *,
    early: bool = False,
    may: bool,
) -> Month:
    """Closes the month that begins on this day; `early`: even with promises that still run.

    `may`: whether the person answers for it, as référent qualité, by the site, by a group, or by
    standing in with the proof. Raises Refused.
    """
    officer = applied.site.identity.quality_officer
    if not may:
        raise Refused(
            f"A month is closed by the quality officer ({officer}), who answers for it, or whoever"
            " has their right."
        )
    await quality.alone(connection)
    today = now.astimezone(applied.site.zone).date()
    live = applied.go_live
    if live is None or month < live.astimezone(applied.site.zone).date().replace(day=1):
        raise Refused(f"{month:%Y-%m} ended before the go-live: it has no figures to close.")
    if month >= today.replace(day=1):
        raise Refused(f"{month:%Y-%m} is not over: close it from the next month on.")
    if await months.closed(connection, month) is not None:
        raise Refused(f"{month:%Y-%m} is closed already: corrections stand beside it.")
    promises = await months.standing(connection, month)
    if not promises:
        raise Refused(f"Nothing was promised in {month:%Y-%m}: an empty month is not closed.")
    running = [one for one in promises if one.result in RUNNING]
    if running and not early:
        last = max(one.limit_day for one in running)
        raise Refused(
            f"{len(running)} of the {len(promises)} promises of {month:%Y-%m} still run, the last"
            f" until {last}: closed now, they stand in it for ever as neither kept nor late. Wait,"
            " or close it all the same with --yes."
        )
    head = Month(
        month=month,
        closed_at=now,
        as_of=today,
        by=person.id,
        rules=applied.version,
        calendar=applied.digest,
        target=applied.site.commitments.target,
    )
    closed = replace(head, hash=proof(head, promises))
    site = applied.site.identity.id
    await quality.state(
        connection,
        Author(site, f"person:{person.id}", now, origin),
        quality.month_id(site, month.isoformat()),
        MonthClosed,
        **quality.month_told(closed, len(promises)),
    )
    await months.close(connection, closed, promises)
    return closed
