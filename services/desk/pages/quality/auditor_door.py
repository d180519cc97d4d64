"""`/auditeur`: the way in for an auditor on site, by two codes, and the first page behind it."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.desk.accounts.store import sessions as web_sessions
from services.desk.accounts.store.auditors import Knock, TypedCodes
from services.desk.pages import journal_entries
from services.desk.pages.quality.auditor_sessions import DOOR
from services.desk.pages.signin import cookies
from services.desk.pages.signin.tries import Tries
from services.desk.pages.visit import Visit
from services.desk.quality.auditor_service import enter as let_in
from services.desk.quality.domain.auditor_sessions import AuditorSession, normalise_code
from services.desk.quality.store import auditor_sessions as store
from services.desk.store.access_journal import What
from shared.web.answers import SEE_OTHER

BROWSER: Final = "desk-auditeur"
"""The cookie of the one browser in which a session was opened."""
WAY: Final = "auditor"
UNAUTHORIZED: Final = 401
TOO_MANY: Final = 429
WRONG: Final = "Ces codes n’ouvrent pas de session aujourd’hui, ou pas dans ce navigateur."
_TRIES: Final = Tries()


async def home(visit: Visit) -> Response:
    """Shows an auditor their first page; to anybody else, the form for the auditor's two codes."""
    number = visit.roles.auditor
    if number is None:
        return await _form(visit)
    found = await _found(visit, number)
    name, organisation = (await store.names(visit.connection, [found]))[number]
    return await visit.html(
        "quality/auditor_home.html",
        name=name,
        organisation=organisation,
        last=found.invited.last,
        draws=[draw.seq for draw in found.draws],
    )


async def _form(visit: Visit, status: int = 200, wrong: str = "") -> Response:
    known = cookies.read(visit.request, visit.settings, BROWSER) is not None
    return await visit.html(
        "quality/auditor_door.html", status, path=DOOR, wrong=wrong, known=known
    )


async def enter(visit: Visit) -> Response:
    """Signs an auditor in on site: by both codes, or by the second alone in the same browser."""
    form = await visit.form()
    address = visit.request.client.host if visit.request.client else None
    if not _TRIES.may(address, visit.now):
        wrong = "Trop d’essais : attendez cinq minutes, puis recommencez."
        return await _form(visit, TOO_MANY, wrong)
    codes = TypedCodes(
        normalise_code(form.text("invitation")),
        normalise_code(form.text("confirmation")),
        cookies.read(visit.request, visit.settings, BROWSER) or "",
        secrets.token_urlsafe(32),
    )
    site = visit.applied.site.identity.id
    knock, number = await let_in(visit.connection, site, codes, visit.today, visit.now)
    if number is None or knock not in {Knock.OPENED, Knock.AGAIN}:
        _TRIES.count_wrong(address, visit.now)
        await journal_entries.record_sign_in(visit, What.SIGN_IN_REFUSED)
        return await _form(visit, UNAUTHORIZED, WRONG)
    last = (await _found(visit, number)).invited.last
    if visit.signed_in is not None:
        await web_sessions.end(visit.connection, visit.signed_in.token)
    token = await web_sessions.begin(visit.connection, None, WAY, auditor=number)
    await journal_entries.record_sign_in(visit, What.SIGN_IN, f"auditeur:{number}")
    answer = RedirectResponse(DOOR, SEE_OTHER)
    cookies.put(answer, visit.settings, cookies.SESSION, token)
    if knock is Knock.OPENED:
        cookies.put(answer, visit.settings, BROWSER, codes.fresh, _seconds(visit, last))
    return answer


async def _found(visit: Visit, number: int) -> AuditorSession:
    """The session. Raises HTTPException 503 where the fact that it was prepared can't be read."""
    found = (await store.sessions(visit.connection, visit.applied.site.zone)).get(number)
    if found is None:
        raise HTTPException(
            503, "Votre session ne peut pas être lue : prévenez le référent qualité."
        )
    return found


def _seconds(visit: Visit, last: date) -> int:
    """Until the end of the last local day."""
    end = datetime.combine(last + timedelta(days=1), time(), visit.applied.site.zone)
    return max(1, int((end - visit.now).total_seconds()))
