"""`/agenda/SECRET.ics`: the limits and dates of one person's services, for their diary.

The address is all that a diary shows, so that what it reads is nobody's secret: numbers, days and
the everyday words of a service. What the person may know of is judged at each request.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.calendars import store
from services.desk.calendars.store import CalendarFeed, ItemLimit
from services.desk.pages.quality import label, label_dates
from services.desk.pages.visit import Visit
from services.desk.quality.store.label import label_facts
from services.desk.rights import Right, may
from services.desk.roles import Roles, roles_of
from shared.content.icalendar import CalendarEvent, icalendar
from shared.facts.envelope import PersonId, ServiceId
from shared.web.allowance import Allowances
from shared.web.application_tokens import digest_of
from shared.web.guards import household

PATH: Final = "/agenda/{secret}.ics"
PAST: Final = timedelta(days=31)
"""So long a limit that has passed is still shown."""
PER_MINUTE: Final = 10
"""Requests of one feed; a diary asks some times a day."""
UNKNOWN_PER_MINUTE: Final = 60
"""Requests of addresses that are nobody's, of one household: whole floors may share one."""
_PACES: Final = Allowances()


def roles_at_diary(visit: Visit, person: PersonId) -> Roles:
    """Returns a person's roles for their calendar feed: no session, so no group gives them any."""
    return roles_of(person, visit.applied.site, visit.directory, visit.today)


def services_of(visit: Visit, roles: Roles) -> Sequence[ServiceId]:
    """Returns the ids of the services whose items these roles may know of, in the site's order."""
    rows = visit.applied.site.services.services
    known = [ServiceId(row.id) for row in rows]
    return [service for service in known if roles.everything or service in roles.services]


def has_label(visit: Visit, roles: Roles) -> bool:
    """Whether somebody may see the dates of the label, where the site has one."""
    return visit.applied.site.quality.current is not None and may(roles, Right.WATCH)


async def read(visit: Visit) -> Response:
    """Downloads the calendar feed (iCalendar) whose secret is in the address; 304 if unchanged.

    429 when it is asked for too often. Raises HTTPException 404: no feed has this secret.
    """
    client = visit.request.client
    asker = f"address:{household('' if client is None else client.host)}"
    if seconds := _PACES.wait(asker, visit.now):
        return Response(status_code=429, headers={"retry-after": str(seconds)})
    digest = digest_of(visit.request.path_params["secret"])
    found = await store.of_secret(visit.connection, digest)
    if found is None or visit.directory.person(found.person) is None:
        _PACES.ask(asker, UNKNOWN_PER_MINUTE, visit.now)
        raise HTTPException(404)
    if seconds := _PACES.ask(found.person, PER_MINUTE, visit.now):
        return Response(status_code=429, headers={"retry-after": str(seconds)})
    octets = icalendar(await _events(visit, found), found.given_at.date(), "Agenda")
    tag = f'"{sha256(octets).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(octets, media_type="text/calendar; charset=utf-8", headers=headers)


async def _events(visit: Visit, feed: CalendarFeed) -> Sequence[CalendarEvent]:
    roles = roles_at_diary(visit, feed.person)
    services = [service for service in services_of(visit, roles) if service in feed.services]
    found = await store.limits(visit.connection, services, visit.today - PAST)
    events = [_event(visit, limit) for limit in found]
    if feed.label and has_label(visit, roles):
        facts = label.whole(await label_facts(visit.connection))
        events += label_dates.events(visit, facts)
    return events


def _event(visit: Visit, limit: ItemLimit) -> CalendarEvent:
    site = visit.applied.site
    words = site.service[limit.service].public
    return CalendarEvent(
        uid=f"{limit.chrono}@{site.identity.id}.vaguemestre",
        on=limit.due,
        title=f"{limit.chrono}, dernier jour pour répondre",
        text=f"Courrier {limit.chrono}, {words}.",
    )
