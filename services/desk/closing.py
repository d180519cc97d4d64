"""A month is closed by the quality officer, once, when it is over."""

from dataclasses import replace
from datetime import date, datetime

from services.desk.domain.months import RUNNING, Month, proof
from services.desk.store import months
from shared.database import Connection
from shared.errors import Refused
from shared.site.bundle import AppliedSite
from shared.site.people import Person


async def close(
    connection: Connection,
    month: date,
    person: Person,
    applied: AppliedSite,
    now: datetime,
    *,
    early: bool = False,
) -> Month:
    """Closes the month that begins on this day; `early`: even with promises that still run.

    Raises Refused.
    """
    officer = applied.site.identity.quality_officer
    if person.id != officer:
        raise Refused(f"A month is closed by the quality officer ({officer}), who answers for it.")
    today = now.astimezone(applied.site.zone).date()
    if month >= today.replace(day=1):
        raise Refused(f"{month:%Y-%m} is not over: close it from the next month on.")
    if await months.closed(connection, month) is not None:
        raise Refused(f"{month:%Y-%m} is closed already: corrections stand beside it.")
    promises = await months.standing(connection, month)
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
    await months.close(connection, closed, promises)
    return closed
