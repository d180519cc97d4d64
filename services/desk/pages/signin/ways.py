"""What both ways of signing in share: the page that offers them, and how a session begins.

A session begins with a new token, and the one before it ends: nobody can hand somebody else a
session that they already know.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from services.desk.accounts.logout_tokens import ProviderMark
from services.desk.accounts.store import sessions
from services.desk.pages import journal_entries
from services.desk.pages.signin import cookies
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What
from shared.facts.envelope import PersonId
from shared.platform.observability.logs import Log
from shared.site.tables.people import Person
from shared.web.answers import SEE_OTHER

UNAUTHORIZED: Final = 401
ADMINISTRATION: Final = "/administration"
"""Where an administrator who is nobody of the préfecture begins."""

log = Log("signin")


async def ways_in(
    visit: Visit, wanted: str, status: int = 200, wrong: str = "", said: str = ""
) -> Response:
    """Shows the sign-in page.

    `wanted`: where to go afterwards; `wrong`: why the page is shown again; `said`: what was done.
    """
    return await visit.html(
        "signin/sign_in.html",
        status,
        next=local(wanted),
        wrong=wrong,
        done=said,
        by_provider=visit.provider is not None,
        by_password=visit.settings.local_account is not None,
    )


async def begin(
    visit: Visit,
    person: Person | None,
    way: str,
    next_: str,
    *,
    administrator: bool,
    id_token: str | None = None,
    granted: Sequence[str] = (),
    mark: ProviderMark | None = None,
) -> Response:
    """Opens a web session with a new cookie token and redirects; an earlier session ends."""
    if visit.signed_in is not None:
        await sessions.end(visit.connection, visit.signed_in.token)
    token = await sessions.begin(
        visit.connection,
        None if person is None else PersonId(person.id),
        way,
        administrator=administrator,
        id_token=id_token,
        granted=granted,
        mark=mark,
    )
    log.info("signed_in", way=way, administrator=administrator)
    await journal_entries.record_sign_in(visit, What.SIGN_IN, None if person is None else person.id)
    answer = RedirectResponse(next_, SEE_OTHER)
    cookies.put(answer, visit.settings, cookies.SESSION, token)
    return answer


def local(wanted: str) -> str:
    """Returns an address if it is a page of ours, else `/` (prevents open redirects)."""
    try:
        parts = urlsplit(wanted)
    except ValueError:  # « //[ »
        return "/"
    there = parts.scheme or parts.netloc or not wanted.startswith("/") or "\\" in wanted
    return "/" if there or wanted.startswith(("//", "/connexion")) else wanted
