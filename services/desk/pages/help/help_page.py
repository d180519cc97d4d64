"""The page of the help, and the end of the guided visit."""

from typing import Final

from starlette.responses import Response

from services.desk.pages.help_chapters import CHAPTERS, HELP
from services.desk.pages.visit import Visit
from services.desk.store import first_visits
from shared.facts.envelope import PersonId

URL: Final = HELP
LEAVE: Final = f"{HELP}/visite"


async def show_help(visit: Visit) -> Response:
    """Shows the help page: the chapters that concern the visitor's roles, no others."""
    mine = [chapter for chapter in CHAPTERS if chapter.concerns(visit.roles)]
    return await visit.html("help/help.html", chapters=mine)


async def leave_visit(visit: Visit) -> Response:
    """Handles the button that ends the guided visit, or refuses it: it is offered no more."""
    await visit.form()
    if visit.somebody is not None:
        await first_visits.leave(visit.connection, PersonId(visit.somebody.id))
    said = "La visite reste dans l’aide, en bas de chaque page."
    return await visit.to(HELP if visit.somebody is None else "/", said=said)
