"""`/sessions`: who is signed in, for the administrator, who may end a session at once."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.store import signins
from services.desk.accounts.store.signins import Open
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages import journal_entries
from services.desk.pages.visit import Visit
from services.desk.store import diary_addresses

WAYS: Final = {"oidc": "fournisseur d’identité", "auditor": "codes de l’auditeur"}


async def signed_in(visit: Visit) -> Response:
    """Shows the open web sessions (sign-ins) of all people, for administrators."""
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    return await visit.html(
        "signin/sessions.html",
        sessions=[
            {
                "number": signed_in.number,
                "who": _who(signed_in, names),
                "way": WAYS.get(signed_in.way, "compte local"),
                "administrator": signed_in.administrator,
                "since": labels_fr.moment(signed_in.began_at, zone),
                "seen": labels_fr.moment(signed_in.seen_at, zone),
            }
            for signed_in in await signins.sessions_that_hold(visit.connection)
        ],
    )


def _who(session: Open, names: Names) -> str:
    if session.auditor is not None:
        return f"auditeur, session n° {session.auditor}"
    return names.person(session.person) or "compte d’administration"


async def end(visit: Visit) -> Response:
    """Handles the form by which an administrator ends somebody's web session.

    The address of that person's calendar feed ends too: whoever has the telephone has both.

    Raises HTTPException 404 when it is already over.
    """
    await visit.form()
    ended = await signins.end_session(visit.connection, visit.request.path_params["number"])
    if ended is None:
        raise HTTPException(404, "Cette session est déjà terminée.")
    said = "Session terminée."
    if ended.person and await diary_addresses.end_address(visit.connection, ended.person):
        await journal_entries.record_diary_ended(visit, ended.person)
        said = "Session terminée\N{NO-BREAK SPACE}; l’adresse de l’agenda de cette personne aussi."
    return await visit.to("/sessions", said=said)
