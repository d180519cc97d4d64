"""The addresses of the services: `/`, `/courriers`, `/service/ID`."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages.help_chapters import first_step
from services.desk.pages.item.notes import NOTES
from services.desk.pages.page import Page
from services.desk.pages.service import held_notices, list_views, notes, opinions
from services.desk.pages.service.hand_over import HAND_OVER, hand_over
from services.desk.pages.service.item_list import listing
from services.desk.pages.service.list_filters import HOME
from services.desk.pages.service.load import load
from services.desk.pages.service.several import several
from services.desk.pages.service.signatures import waiting_letters
from services.desk.pages.service.today import today
from services.desk.pages.visit import Visit
from services.desk.rights import Right
from services.desk.roles import Roles

OFFICE: Final = "/bureau"


async def front(visit: Visit) -> Response:
    """Shows the whole register's state to those who follow it: secretary-general, quality officer.

    Redirects others to their own list of work, and the mail office to its home page: it sees the
    whole register by `/?tout`.
    """
    roles = visit.roles
    if _sees_to_all(roles) or (roles.mail_office and "tout" in visit.request.query_params):
        return await _shown(visit, None)
    return await visit.to(OFFICE if roles.mail_office else HOME)


def _sees_to_all(roles: Roles) -> bool:
    """Whether `/` is a page of its own for them: the menu names it to nobody else."""
    return roles.secretary or roles.quality or not (roles.mail_office or roles.services)


async def of_service(visit: Visit) -> Response:
    """Shows the page of one service: its state and its items.

    Raises HTTPException 404 for an unknown one.
    """
    service: str = visit.request.path_params["service"]
    if service not in visit.applied.site.service:
        raise HTTPException(404, "Ce service n’existe pas.")
    return await _shown(visit, service)


async def _shown(visit: Visit, service: str | None) -> Response:
    shown = await today(
        visit.connection, visit.applied, visit.directory, visit.now, service, visit.roles.seen
    )
    return await visit.html(
        "service/today.html",
        notes=await notes.unread_notes(visit),
        opinions=await opinions.owed_opinions(visit),
        signatures=await waiting_letters(visit),
        unguided=await first_step(visit),
        **shown,
    )


PAGES: Final[Sequence[Page]] = (
    Page("/", front, Right.BELONG, nav="Aujourd’hui", nav_for=_sees_to_all),
    Page(HOME, listing, Right.BELONG, nav="Courriers", nav_count=lambda counts: counts.held),
    Page(f"{HOME}/lot", several, Right.BELONG, methods=("POST",)),
    Page(held_notices.HELD, held_notices.show_held, Right.BELONG),
    Page(f"{held_notices.HELD}/lot", held_notices.several, Right.BELONG, methods=("POST",)),
    Page(NOTES, notes.show_notes, Right.BELONG),
    Page(opinions.OPINIONS, opinions.show_opinions, Right.BELONG),
    *list_views.PAGES,
    Page("/service/{service}", of_service, Right.BELONG),
    Page("/service/{service}/charge", load, Right.LEAD),
    Page(HAND_OVER, hand_over, Right.LEAD, methods=("GET", "POST")),
)
