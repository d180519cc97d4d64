"""`/formulaire/depot/ID`, the follow-up page of a deposit, for whoever knows its address.

It shows a number and a day, who has it and whether something is missing, nothing that was written.
All of it is the register's row in `portal.followed`. The register hears of a deposit within a
second or two: the page waits for it a moment, so that it needs no script and no reloading. When an
answer is to be expected the receipt says, to whom it may. While PostgreSQL is away the page knows
only the deposits that were made since.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.portal.pages import custody
from services.portal.pages.visit import PublicVisit
from services.portal.store import deposits
from services.portal.store.deposits import Followed
from shared.calendar.local_days import local_day, plain_hour
from shared.content.spool import SOURCE
from shared.facts import ids
from shared.site.tables.services import Service

AWAY = 503
FRESH = timedelta(seconds=30)
"""So long after it was made a page waits for its deposit."""
ASKS_AGAIN = timedelta(minutes=5)
"""So long a page that is left open asks again by itself."""
PATIENCE_SECONDS = 4.5
PAUSE_SECONDS = 0.25
MOST_WAITING = 20
"""Pages that wait ask all the time: the others answer at once, and ask again by script."""

_waiting = asyncio.Semaphore(MOST_WAITING)


async def follow(visit: PublicVisit) -> Response:
    """Shows the follow-up page of a deposit: its chrono when it has one, else its number."""
    deposit: UUID = visit.request.path_params["deposit"]
    at = await custody.made_at(visit, deposit)
    if at is None and visit.database is None:
        return await _later(visit)
    if at is None:
        raise HTTPException(404, "Ce dépôt n’existe pas, ou date de plus de trois mois.")
    fresh = visit.now - at < FRESH and "hx-request" not in visit.request.headers
    found = await _found(visit, deposit, patient=fresh)
    local = at.astimezone(visit.applied.site.zone)
    row = _service(visit, found)
    return await visit.html(
        "follow.html",
        number=deposit_number(deposit),
        day=local.date(),
        hour=plain_hour(local),
        chrono=None if found is None else found.chrono,
        state=None if found is None else found.state,
        service=None if row is None else row.public,
        appointments=None if row is None else row.appointments,
        missing=None if found is None else found.missing,
        today=local.date() == local_day(visit.now, visit.applied.site.zone),
        address=visit.request.url.path,
        asks_again=found is None and visit.now - at < ASKS_AGAIN,
    )


def _service(visit: PublicVisit, found: Followed | None) -> Service | None:
    """The service that has it, as the applied rules say it now."""
    service = None if found is None else found.service
    return None if service is None else visit.applied.site.service.get(service)


async def _later(visit: PublicVisit) -> Response:
    """Whether this deposit was made is not known now: if it was, it is kept."""
    answer = await visit.html("later.html", AWAY)
    answer.headers["retry-after"] = str(int(ASKS_AGAIN.total_seconds()))
    return answer


def deposit_number(deposit: UUID) -> str:
    """Formats the number of a deposit for a person to copy: `3F2A-91C0-7B44`."""
    text = deposit.hex[:12].upper()
    return "-".join(text[at : at + 4] for at in range(0, 12, 4))


async def _found(visit: PublicVisit, deposit: UUID, *, patient: bool) -> Followed | None:
    if visit.database is None:
        return None
    arrival_id = ids.arrival_id(visit.applied.site.identity.id, SOURCE, str(deposit))
    found = await deposits.followed_deposit(visit.connection, arrival_id)
    if found is not None or not patient or _waiting.locked():
        return found
    async with _waiting:
        for _ in range(int(PATIENCE_SECONDS / PAUSE_SECONDS)):
            async with visit.apart():
                await asyncio.sleep(PAUSE_SECONDS)
            found = await deposits.followed_deposit(visit.connection, arrival_id)
            if found is not None:
                break
    return found
