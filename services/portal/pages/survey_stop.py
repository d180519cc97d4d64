"""`/enquete/CODE/arret/JETON`: whoever was invited by mail wants no such mail again, in one click.

A mail program sends the one click by itself (RFC 8058), from no page of ours; whoever follows the
link presses a button, for what only looks at links must stop nothing. Nothing says whether a token
is one of ours: the register, which knows the site's secret, judges it.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.portal.domain.limits import Limits
from services.portal.pages import survey
from services.portal.pages.admission import AWAY, TOO_MANY, admitting
from services.portal.pages.survey import AGAIN, PURPOSE
from services.portal.pages.visit import PublicVisit
from services.portal.settings import PortalSettings
from shared.content import survey_stops
from shared.errors import TemporaryFailure
from shared.platform.observability.logs import Log
from shared.web.answers import SEE_OTHER

PATH: Final = f"{survey.HOME}/{{code}}/arret/{{token}}"
DONE: Final = f"{survey.HOME}/{{code}}/arret"
MOST: Final = 4 * 1024
"""Octets of what a mail program or the button sends."""

log = Log("survey")
_LIMITS = Limits()
"""Of its own: mail programs of many people ask from one address."""


def admits(
    request: Request, now: datetime, settings: PortalSettings
) -> AbstractAsyncContextManager[int | None]:
    """A context manager that lets a refusal of survey emails in, or refuses with an HTTP status.

    It gives `None`, or the status.
    """
    return admitting(_LIMITS, request, now, settings, log, "survey_without_room")


async def show(visit: PublicVisit) -> Response:
    """Shows the button that stops survey emails. Raises HTTPException 404."""
    _token(visit)
    path = visit.request.url.path
    return await visit.html("survey_stop.html", purpose=PURPOSE, path=path)


async def write(visit: PublicVisit) -> Response:
    """Puts a person's refusal of survey emails (token) into the spool, for the register.

    Redirects to a page that says so; shows another when the disk can't take it. Raises
    HTTPException 404 for what is no token.
    """
    token = _token(visit)
    try:
        async with visit.apart():
            await asyncio.to_thread(survey_stops.put, visit.settings.spool, token)
    except TemporaryFailure as failure:
        log.error("refusal_not_kept", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
        return await otherwise(visit, AWAY)
    return RedirectResponse(DONE.format(code=visit.request.path_params["code"]), SEE_OTHER)


async def show_stopped(visit: PublicVisit) -> Response:
    """Shows that no survey email is sent any more."""
    return await visit.html("survey_stopped.html", purpose=PURPOSE)


async def otherwise(visit: PublicVisit, status: int) -> Response:
    """Shows that no refusal of survey emails was stored, and when to come back."""
    answer = await visit.html(
        "survey_stop_otherwise.html", status, purpose=PURPOSE, many=status == TOO_MANY
    )
    answer.headers["retry-after"] = str(AGAIN)
    return answer


def _token(visit: PublicVisit) -> str:
    token: str = visit.request.path_params["token"]
    if survey_stops.TOKEN.fullmatch(token) is None:
        raise HTTPException(404, "Ce lien est incomplet : recopiez-le en entier.")
    return token
