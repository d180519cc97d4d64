"""What fell of the ladders of measures is stated, once: notify puts it into digests.

Beside that, addresses of members of the committee are erased at the end of their mandate, and names
three years after it.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from services.desk.domain.stamp import REGISTER
from services.desk.jobs import JobContext
from services.desk.quality.domain import ladder
from services.desk.quality.domain.measures import Measure
from services.desk.quality.store import committee
from services.desk.quality.store import measures as store
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.calendar.working_days import BeyondCalendar
from shared.facts import ids
from shared.facts.envelope import EventId
from shared.facts.quality.measures import QualityRung, RungAudience
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, every
from shared.site.tables.bundle import AppliedSite

log = logging.getLogger(__name__)
EACH_SECONDS = 900.0


async def remind(connection: Connection, applied: AppliedSite, now: datetime) -> int:
    """Records the reminder steps that corrective measures have reached; returns how many."""
    await quality.lock_chain(connection)  # first: what is done while we wait falls no more
    measures = [found for found in await store.every(connection) if found.awaits_action]
    found = {
        _id(measure, rung): (measure, rung, tell)
        for measure in measures
        for rung, tell in _fallen(measure, applied, now)
    }
    if not found:
        return 0
    author = Author(applied.site.identity.id, REGISTER, now)
    new = found.keys() - await quality.known_events(connection, list(found))
    for event in sorted(new, key=lambda event: found[event][0].number):
        measure, rung, tell = found[event]
        await quality.state(
            connection,
            author,
            measure.subject,
            QualityRung,
            event_id=event,
            number=measure.number,
            rung=rung,
            tell=tell,
            owner=measure.owner,
            due=measure.due,
            opened=measure.opened_at.astimezone(applied.site.zone).date(),
        )
    return len(new)


def _id(measure: Measure, rung: str) -> EventId:
    """The id of a rung, the same at every look: told anew to a new owner, and once reopened."""
    since = str(measure.since)
    return EventId(
        ids.event_id(
            measure.subject, "QualityRung", measure.due.isoformat(), rung, measure.owner, since
        )
    )


def _fallen(
    measure: Measure, applied: AppliedSite, now: datetime
) -> Iterator[tuple[str, tuple[RungAudience, ...]]]:
    today = now.astimezone(applied.site.zone).date()
    try:
        rungs = ladder.reached_rungs(measure, today, applied.days)
    except BeyondCalendar:  # of one measure: the others are told all the same
        log.warning("no reminders about measure %d: its day is beyond the calendar", measure.number)
        rungs = ()
    for rung in rungs:
        yield rung.name, rung.tell
    if measure.put_off_often:
        yield ladder.POSTPONED, (RungAudience.QUALITY,)
    elif _far(measure, applied):
        yield ladder.FAR, (RungAudience.QUALITY,)


def _far(measure: Measure, applied: AppliedSite) -> bool:
    try:
        return ladder.put_off_far(measure, applied.days, applied.site.zone)
    except BeyondCalendar:
        return True


def reminds_measures(parts: JobContext) -> Job:
    """Makes the background job of measures' reminders, each quarter of an hour.

    It also erases the names and addresses of committee members that are kept no longer.
    """

    async def look() -> None:
        try:
            async with transaction(parts.pool) as connection:
                applied = await parts.rules.if_any(connection)
                if applied is not None:
                    await remind(connection, applied, sure(parts.clock))
        finally:  # names go in their time, whatever became of reminders
            async with transaction(parts.pool) as connection:
                applied = await parts.rules.if_any(connection)
                if applied is not None:
                    now = sure(parts.clock)
                    today = now.astimezone(applied.site.zone).date()
                    await committee.erase_names(connection, today, now)
                    await committee.erase_addresses(connection, today)

    return every(EACH_SECONDS, look, parts.stopping)
