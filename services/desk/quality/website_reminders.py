"""Reminders about the website are stated once, and complaints about it become tasks.

The quarterly list is told at its beginning, ten jours ouvrés before its last one, and on that; a
change when it is asked for, three jours ouvrés before its day, and the one after it. No page is
ever opened by the machine.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.desk.domain.stamp import REGISTER
from services.desk.jobs import JobContext
from services.desk.quality.domain import website as rules
from services.desk.quality.domain.website import PageChange, WebsiteState
from services.desk.quality.store import website as store
from services.desk.quality.website_service import WebsiteDesk
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.calendar.working_days import BeyondCalendar
from shared.facts import ids
from shared.facts.envelope import EventId, PersonId, ServiceId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.website import WebsiteAudience, WebsiteRung
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, every
from shared.site.staff.directory import Directory
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.website import WebPage

log = logging.getLogger(__name__)
EACH_SECONDS: Final = 900.0
BACK: Final = 30
"""Jours ouvrés for which a complaint is looked for: some get their theme late."""


@dataclass(frozen=True, slots=True)
class FallenRung:
    """A reminder about the website that is reached: its id, subject, and its fact's content."""

    event_id: EventId
    subject: SubjectId
    rung: str
    due: date
    opened: date
    tell: tuple[WebsiteAudience, ...]
    person: PersonId | None = None
    service: ServiceId | None = None
    pages: tuple[str, ...] = ()
    number: int | None = None


async def remind(
    connection: Connection, applied: AppliedSite, people: Directory, now: datetime
) -> int:
    """Records new website tasks and the reminders reached; returns how many facts."""
    if not applied.site.website.pages:
        return 0
    await quality.lock_chain(connection)  # first: what is done while we wait falls no more
    if (await store.website(connection, applied.site)).unreadable:
        log.warning("no reminders about the website: a fact of it can't be read")
        return 0
    author = Author(applied.site.identity.id, REGISTER, now)
    today = now.astimezone(applied.site.zone).date()
    desk = WebsiteDesk(connection, author, applied, people, today)
    new = await store.complaints(connection, applied.days.add(today, -BACK))
    for item_id, received in new.items():
        await desk.add_complaint(item_id, received)
    found = await store.website(connection, applied.site)
    rungs = {rung.event_id: rung for rung in _fallen(found, applied, people, today)}
    if not rungs:
        return len(new)
    unknown = rungs.keys() - await quality.known_events(connection, list(rungs))
    for event in sorted(unknown, key=lambda event: (rungs[event].due, str(event))):
        rung = rungs[event]
        await quality.state(
            connection, author, rung.subject, WebsiteRung, event_id=event, rung=rung.rung,
            pages=rung.pages, number=rung.number, person=rung.person, service=rung.service,
            due=rung.due, opened=rung.opened, tell=rung.tell,
        )  # fmt: skip
    return len(new) + len(unknown)


def correspondent(page: WebPage, applied: AppliedSite, people: Directory) -> PersonId | None:
    """Returns who checks a website page: its correspondent, else the service's head, or `None`."""
    service = applied.site.service_now(page.service)
    for wanted in (page.correspondent, None if service is None else service.head):
        if wanted is not None and people.person(wanted) is not None:
            return PersonId(wanted)
    return None


def _fallen(
    found: WebsiteState, applied: AppliedSite, people: Directory, today: date
) -> Iterator[FallenRung]:
    yield from _lists(found, applied, people, today)
    yield from _endings(found, applied, people, today)
    for change in found.open:
        try:
            yield _of_change(change, applied, people, today)
        except BeyondCalendar:  # of one change: the others are told all the same
            log.warning("no reminders about change %d: beyond the calendar", change.number)


def _lists(
    found: WebsiteState, applied: AppliedSite, people: Directory, today: date
) -> Iterator[FallenRung]:
    rung = rules.reached_rung(today, applied.days)
    if rung is None:
        return
    first, _ = rules.quarter(today)
    for person, pages in _by_person(found, applied, people, today).items():
        key = f"{first.isoformat()} {person or ''}"
        subject = ids.quality_id(applied.site.identity.id, "website quarter", key)
        yield FallenRung(
            event_id=ids.event_id(subject, WebsiteRung.__name__, rung),
            subject=subject,
            rung=rung,
            due=rules.last_day(today, applied.days),
            opened=first,
            tell=(
                (WebsiteAudience.QUALITY,)
                if person is None
                else (WebsiteAudience.CORRESPONDENT,)
                if rung != "+0"
                else (WebsiteAudience.CORRESPONDENT, WebsiteAudience.QUALITY)
            ),
            person=person,
            service=ServiceId(pages[0].service),
            pages=tuple(page.id for page in pages),
        )


def _endings(
    found: WebsiteState, applied: AppliedSite, people: Directory, today: date
) -> Iterator[FallenRung]:
    """Pages that were read in this quarter and must be read again in it."""
    for standing in rules.ending(found.pages, today, applied.days):
        if standing.until is None or standing.checked is None:
            continue
        page, person = standing.page, correspondent(standing.page, applied, people)
        subject = ids.quality_id(applied.site.identity.id, "website page end", page.id)
        parts = (standing.until.isoformat(), person or "")
        yield FallenRung(
            event_id=ids.event_id(subject, WebsiteRung.__name__, *parts),
            subject=subject,
            rung="-10",
            due=standing.until,
            opened=standing.checked,
            tell=(WebsiteAudience.QUALITY if person is None else WebsiteAudience.CORRESPONDENT,),
            person=person,
            service=ServiceId(page.service),
            pages=(page.id,),
        )


def _by_person(
    found: WebsiteState, applied: AppliedSite, people: Directory, today: date
) -> Mapping[PersonId | None, Sequence[WebPage]]:
    lists = defaultdict[PersonId | None, list[WebPage]](list)
    soon = {page.page.id for page in rules.ending(found.pages, today, applied.days)}
    for standing in rules.to_check(found.pages, today, applied.days):
        if standing.page.id in soon:
            continue  # told by itself, with its own day
        lists[correspondent(standing.page, applied, people)].append(standing.page)
    return lists


def _of_change(
    change: PageChange, applied: AppliedSite, people: Directory, today: date
) -> FallenRung:
    """The rung of a change. Raises BeyondCalendar."""
    rung = rules.change_reached(change, today, applied.days)
    page = None if change.page is None else applied.site.website.page.get(change.page)
    person = None if page is None else correspondent(page, applied, people)
    tell: tuple[WebsiteAudience, ...] = (WebsiteAudience.CORRESPONDENT,)
    if person is None:
        tell = (WebsiteAudience.QUALITY,)
    elif rung == "+1":
        tell = (WebsiteAudience.CORRESPONDENT, WebsiteAudience.QUALITY)
    return FallenRung(
        event_id=ids.event_id(change.subject, WebsiteRung.__name__, rung, person or ""),
        subject=change.subject,
        rung=rung,
        due=change.due,
        opened=change.asked,
        tell=tell,
        person=person,
        service=None if page is None else ServiceId(page.service),
        number=change.number,
    )


def reminds_website(parts: JobContext) -> Job:
    """Makes the background job of the website's reminders, each quarter of an hour."""

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
            if applied is not None and applied.go_live is not None:
                now = sure(parts.clock)
                await remind(connection, applied, await people_at(connection, now), now)

    return every(EACH_SECONDS, look, parts.stopping)
