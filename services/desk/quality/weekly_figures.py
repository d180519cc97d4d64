"""The figures of the week that ended, stated on Monday at five past midnight as a fact.

Whoever writes of the week (notify's weekly page, /qualite/semaine) says what stands in this fact
and counts nothing. A process that was down states on its return, the last week that ended only.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.desk.domain.codes import CLOCKS
from services.desk.domain.stamp import REGISTER
from services.desk.jobs import JobContext
from services.desk.quality import measure_proposals
from services.desk.quality.domain import weeks
from services.desk.quality.domain.figures import REPLY, FigureRow, FigureTable
from services.desk.quality.store import figures, label
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store import weeks as week_store
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store import months, quality
from services.desk.store.quality import Author
from shared.calendar.local_days import month_after, month_before
from shared.facts.envelope import ServiceId
from shared.facts.quality.figures import FigureBasis, FiguresStated, StatedDecision, StatedFigure
from shared.facts.vocabulary import ClockName
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, every
from shared.site.staff.directory import Directory
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite, Site

EACH_SECONDS = 60.0
CODES: Final = tuple(
    CLOCKS[clock.value] for clock in (ClockName.REPLY, ClockName.ACKNOWLEDGEMENT, ClockName.HOLDING)
)
"""The promises of which a week is told by receipt; those that ended are replies."""
ServiceGroup = tuple[ServiceId, ...]


async def state(
    connection: Connection, applied: AppliedSite, now: datetime
) -> FiguresStated | None:
    """Records the figures of the week that ended, and returns them.

    `None` if that was done already, or before go-live.
    """
    site = applied.site
    week = weeks.last_ended(now, site.zone)
    live = None if applied.go_live is None else applied.go_live.astimezone(site.zone).date()
    if live is None or weeks.last_day(week) < live:
        return None
    subject = week_store.week_id(site.identity.id, week)
    if await quality.is_stated(connection, subject, FiguresStated):
        return None
    await quality.lock_chain(connection)
    if await quality.is_stated(connection, subject, FiguresStated):
        return None
    today = now.astimezone(site.zone).date()
    return await quality.state(
        connection,
        Author(site.identity.id, REGISTER, now),
        subject,
        FiguresStated,
        week=week,
        counted_on=today,
        target=site.commitments.target,
        figures=tuple([figure async for figure in _figures(connection, site, week, today)]),
        decisions=await _decisions(connection, applied, await people_at(connection, now), today),
    )


def groups(site: Site) -> Sequence[ServiceGroup]:
    """Returns the groups of services of which weekly figures are stated.

    All services (an empty group), each one, and those of each director who has several.
    """
    directed = dict[str, list[ServiceId]]()
    for service in site.services.services:
        directed.setdefault(service.director, []).append(ServiceId(service.id))
    return [
        (),
        *((ServiceId(service.id),) for service in site.services.services),
        *dict.fromkeys(tuple(found) for found in directed.values() if len(found) > 1),
    ]


async def _figures(
    connection: Connection, site: Site, week: date, today: date
) -> AsyncIterator[StatedFigure]:
    """Of each group: this month and the last by receipt, and how the week's promises ended."""
    month = today.replace(day=1)
    closed = {head.month for head in await months.every(connection)}
    for group in groups(site):
        for first in (month, month_before(month)):
            table = await figures.figures(
                connection,
                FigureQuestion(first, first, among=group),
                CODES,
                as_closed=first in closed,
            )
            last = today if first == month else month_after(first) - timedelta(days=1)
            span = FigureBasis.RECEIVED, first, last
            for figure in _of(table, span, group, closed=first in closed):
                yield figure
        table = await figures.settled_replies(connection, week, weeks.last_day(week), group)
        for figure in _of(table, (FigureBasis.SETTLED, week, weeks.last_day(week)), group):
            yield figure


def _of(
    table: FigureTable,
    span: tuple[FigureBasis, date, date],
    group: ServiceGroup,
    *,
    closed: bool = False,
) -> Iterator[StatedFigure]:
    """The totals of a table that count anything; of replies to all also one of nothing."""
    basis, first, last = span
    for code in CODES:
        row = table.of(code)
        if row.n or row.waiting or (code == REPLY and not group):
            yield _stated(row, basis, first, last, group, closed=closed)


def _stated(
    row: FigureRow,
    basis: FigureBasis,
    first: date,
    last: date,
    group: ServiceGroup,
    *,
    closed: bool,
) -> StatedFigure:
    low, high = row.ends
    return StatedFigure(
        code=row.key.code,
        basis=basis,
        first=first,
        last=last,
        services=group,
        k=row.k,
        n=row.n,
        low=low,
        high=high,
        waiting=row.waiting,
        late=row.late,
        overdue=row.overdue,
        unanswered=row.unanswered,
        closed=closed,
    )


async def _decisions(
    connection: Connection, applied: AppliedSite, people: Directory, today: date
) -> tuple[StatedDecision, ...]:
    known = await measure_store.every(connection)
    services = {
        person.id: ServiceId(person.services[0]) if person.services else None
        for measure in known
        if (person := people.person(measure.owner)) is not None
    }
    return weeks.decisions(
        known,
        services,
        (await label.label_facts(connection)).findings.values(),
        await measure_proposals.proposed_measures(connection, known, applied, today),
        today,
    )


def states_figures(parts: JobContext) -> Job:
    """Makes the background job that states the figures of each week that has ended."""

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
            if applied is not None:
                await state(connection, applied, sure(parts.clock))

    return every(EACH_SECONDS, look, parts.stopping)
