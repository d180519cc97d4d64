"""`/moi/agenda`: somebody makes the address at which their diary reads limits, or ends it."""

from typing import Final

from starlette.responses import Response

from services.desk.calendars import store
from services.desk.calendars.service import CalendarService
from services.desk.calendars.store import CalendarFeed
from services.desk.french import labels_fr
from services.desk.pages import journal_entries
from services.desk.pages.calendars import diary
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What
from shared.facts.envelope import PersonId
from shared.web.forms import Mistyped

URL: Final = "/moi/agenda"


async def mine(visit: Visit) -> Response:
    """Shows the person's calendar feed; a POST makes it a new secret address, shown once.

    The address before ends with it. Raises Mistyped for a feed that would show nothing.
    """
    me, address = PersonId(visit.person.id), ""
    roles = diary.roles_at_diary(visit, me)
    services = diary.services_of(visit, roles)
    if visit.request.method == "POST":
        form = await visit.form()
        ticked = form.texts("services")
        chosen = [service for service in services if service in ticked]
        dates = form.is_ticked("label") and diary.has_label(visit, roles)
        if not chosen and not dates:
            raise Mistyped("services", "Choisissez au moins une chose à montrer.")
        wanted = CalendarFeed(me, chosen, dates, visit.now)
        secret = await _service(visit).give(wanted)
        address = visit.address(diary.PATH.format(secret=secret))
        # Sent twice, the second leads here: the address is kept nowhere, to be shown again.
        await visit.to(URL)
    standing = await store.of_person(visit.connection, me)
    site = visit.applied.site
    return await visit.html(
        "calendars/mine.html",
        shown_once=address,
        standing=standing,
        since=""
        if standing is None
        else labels_fr.short_day(standing.given_at.astimezone(site.zone).date()),
        services=[(service, site.service[service].name) for service in services],
        has_label=diary.has_label(visit, roles),
        url=URL,
    )


async def end(visit: Visit) -> Response:
    """Ends the address of the person's calendar feed: whoever has it reads nothing any more."""
    await visit.form()
    await _service(visit).end(PersonId(visit.person.id))
    return await visit.to(URL, "L’adresse n’est plus en service : votre agenda n’y lit plus rien.")


def _service(visit: Visit) -> CalendarService:
    line = journal_entries.line(visit, visit.request.url.path, What.CALENDAR_GIVEN)
    return CalendarService(visit.connection, line)
