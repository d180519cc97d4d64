"""`/formulaire`: a complaint, a suggestion or a request, with or without an e-mail address."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.portal.domain import deposit as deposits
from services.portal.domain.deposit import Wish
from services.portal.domain.limits import FROM_ALL, WINDOW, Limits
from services.portal.pages import attachments, custody
from services.portal.pages.admission import AWAY, TOO_MANY, address_of, admitting
from services.portal.pages.attachments import MOST_OCTETS, Received
from services.portal.pages.custody import NotKept
from services.portal.pages.visit import PublicVisit
from services.portal.settings import PortalSettings
from services.portal.store import places
from shared.calendar.local_days import local_day
from shared.calendar.working_days import BeyondCalendar
from shared.content.spool import FormDeposit
from shared.facts.vocabulary import Theme
from shared.platform.antivirus import Antivirus, clamd_at
from shared.platform.observability.logs import Log
from shared.platform.postgres.rows import UnreadableRow
from shared.site.tables.bundle import Site
from shared.site.texts.place_hours import PlaceHours, place_hours
from shared.web.answers import SEE_OTHER
from shared.web.forms import Form

OCTETS_OF_MEGA = 1024 * 1024
MOST: Final = 2 * MOST_OCTETS
"""Octets of a whole form: its files, and its text."""

WISHES: Final[Mapping[Wish, tuple[str, str]]] = {
    Wish.COMPLAINT: ("Une réclamation", "quelque chose ne s’est pas bien passé"),
    Wish.SUGGESTION: ("Une suggestion", "vous proposez une amélioration"),
    Wish.REQUEST: ("Une demande", "vous avez une question ou besoin d’une réponse"),
}

THEMES: Final[Mapping[Theme, str]] = {
    Theme.APPOINTMENTS: "Les rendez-vous",
    Theme.WEBSITE: "Le site internet",
    Theme.RECEPTION: "L’accueil sur place",
    Theme.DELAY: "Un délai de réponse",
    Theme.TELEPHONE: "Le téléphone",
    Theme.AGENT: "Un agent",
    Theme.OTHER: "Autre chose",
}

log = Log("form")

_COUNTED = "counted"
"""On a request whose message the limits let pass."""
_LIMITS = Limits()
"""One process counts for all its visitors; several replicas count each on their own."""
_UNPACKING = ThreadPoolExecutor(2, "unpacking")
"""Whoever sends a hundred files to unpack keeps these threads busy, and nobody else's."""


def admits(
    request: Request, now: datetime, settings: PortalSettings
) -> AbstractAsyncContextManager[int | None]:
    """A context manager that lets a submitted form in, or refuses it with an HTTP status.

    It gives `None`, or the status.
    """
    return admitting(_LIMITS, request, now, settings, log, "form_without_room")


async def write(visit: PublicVisit) -> Response:
    """Stores a message of the public form in the spool; redirects to its follow-up page.

    Raises Mistyped when a field is wrong: nothing is stored, and the form is shown again. Raises
    TemporaryFailure when PostgreSQL went away: a second call without it ends in one deposit.
    """
    form = visit.form()
    files = await read_files(visit, form)
    deposit = deposits.deposit_of(
        form, [attachment.file for attachment in files], visit.applied.site, visit.now
    )
    return await take(visit, deposit, files, then=f"/formulaire/depot/{deposit.id}")


async def read_files(visit: PublicVisit, form: Form) -> Sequence[Received]:
    """Reads and checks the files of a submitted form. Raises Mistyped."""
    async with visit.apart():
        return await _received(form)


async def take(
    visit: PublicVisit, deposit: FormDeposit, received: Sequence[Received], *, then: str
) -> Response:
    """Stores a deposit within the limits; redirects to `then`, the page that says so.

    Raises Mistyped when the antivirus refuses a file; TemporaryFailure as `write`.
    """
    if await custody.made_at(visit, deposit.id) is None:
        if await _too_many(visit):
            return await otherwise(visit, TOO_MANY)
        # The id is that of what was sent, whatever is found in it.
        async with visit.apart():
            files = await attachments.looked_at(antivirus(visit), received)
        deposit = deposit.model_copy(update={"files": files})
        try:
            await custody.keep(visit, deposit, [attachment.content for attachment in received])
        except NotKept as failure:
            log.error("deposit_not_kept", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
            return await otherwise(visit, AWAY)
    return RedirectResponse(then, SEE_OTHER)


def antivirus(visit: PublicVisit) -> Antivirus | None:
    """Returns the antivirus that looks at what the public attaches; `None`: nobody looks."""
    return None if visit.settings.clamd is None else clamd_at(visit.settings.clamd)


async def _received(form: Form) -> Sequence[Received]:
    """The files, as far as their bounds. Raises Mistyped."""
    files = form.files(attachments.FIELD)[: deposits.MOST_FILES + 1]
    contents = []
    for upload in files:
        await upload.seek(0)  # the form is looked at once more when PostgreSQL went away meanwhile
        contents.append((upload.filename or "", await upload.read(attachments.MOST_OCTETS + 1)))
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_UNPACKING, attachments.check, contents)


async def _too_many(visit: PublicVisit) -> bool:
    if getattr(visit.request.state, _COUNTED, False):
        return False  # of a visit that PostgreSQL left half way: its message may be kept by now
    crowded = await custody.made_since(visit, visit.now - WINDOW) >= FROM_ALL
    counted = _LIMITS.another(address_of(visit.request), visit.now, crowded=crowded)
    setattr(visit.request.state, _COUNTED, counted)
    return not counted


async def show(visit: PublicVisit) -> Response:
    """Shows the public form, empty or with the values of a form that was refused."""
    return await visit.html(
        "write.html",
        depot=str(uuid4()),
        wishes=WISHES,
        themes=THEMES,
        services=services(visit.applied.site),
        accept=attachments.ACCEPT,
        most_files=deposits.MOST_FILES,
        most_mega=attachments.MOST_OCTETS // OCTETS_OF_MEGA,
        longest=deposits.LONGEST_TEXT,
        places=await _places(visit),
    )


async def _places(visit: PublicVisit) -> Sequence[PlaceHours]:
    """The hours of the places, as of today; none while nobody can say which days differ."""
    site = visit.applied.site
    if not site.places.places or visit.transactions is None:
        return ()
    today = local_day(visit.now, site.zone)
    try:
        differing = await places.exceptions(visit.connection, today)
        return [
            place_hours(place, site, differing, today, visit.applied.days)
            for place in site.places.places
        ]
    except (BeyondCalendar, UnreadableRow):
        return ()


def services(site: Site) -> Sequence[tuple[str, str]]:
    """Returns the id and everyday words of each service that answers the public.

    Sorted by name: in everyday words all begin with « le service » or « la direction ».
    """
    answering = {row.service for row in site.routing.categories if row.perimeter}
    named = sorted(site.services.services, key=lambda row: row.name)
    rows = [(row.id, row.public) for row in named if row.id in answering]
    return [(id_, said[0].upper() + said[1:]) for id_, said in rows]


async def otherwise(visit: PublicVisit, status: int) -> Response:
    """Shows the page with other ways to write to the préfecture, as nothing was stored."""
    answer = await visit.html(
        "otherwise.html",
        status,
        many=status == TOO_MANY,
    )
    answer.headers["retry-after"] = str(int(WINDOW.total_seconds()))
    return answer
