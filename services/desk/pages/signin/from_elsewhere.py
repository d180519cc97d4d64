"""Sign-outs that the identity provider takes part in: back from it, and told by it.

`/connexion/fin-de-session` is asked by the provider itself (OpenID Connect Back-Channel Logout) and
by no browser: it has no session and no token of a form, and what it says holds by its signature.
"""

import hmac
import secrets
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.desk.accounts.oidc import NotBelieved, ProviderAway
from services.desk.accounts.store import sessions
from services.desk.pages import journal_entries
from services.desk.pages.signin import cookies
from services.desk.pages.signin.ways import log
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What
from shared.web.allowance import Allowances
from shared.web.guards import household

PATH: Final = "/connexion/fin-de-session"
MOST_OCTETS: Final = 16 * 1024
WRONG_PER_MINUTE: Final = 10
"""Tokens of one address that do not hold; those that hold are not counted."""
AGAIN: Final = "60"
"""Seconds after which a provider tells again what we could not judge."""
DONE: Final = "Vous êtes déconnecté, ici et chez le fournisseur d’identité."
_WRONG: Final = Allowances()


async def end_sessions(visit: Visit) -> Response:
    """Handles the identity provider's back-channel logout: ends our sessions that it names.

    Answers 200, or 400 with an error as JSON when the token does not hold. Raises HTTPException:
    404 without a provider, 405 for another message, 429 after too many tokens that did not hold,
    503 where its keys can't be had just now.
    """
    if visit.provider is None:
        raise HTTPException(404)
    if visit.sent is None:
        raise HTTPException(405)
    client = visit.request.client
    asker = household("" if client is None else client.host)
    if seconds := _WRONG.wait(asker, visit.now):
        raise HTTPException(429, headers={"retry-after": str(seconds)})
    try:
        async with visit.apart():
            ended = await visit.provider.read_logout_token(visit.sent.text("logout_token"))
    except ProviderAway as error:
        log.warning("logout_token_unread", why=str(error))
        raise HTTPException(503, headers={"retry-after": AGAIN}) from error
    except NotBelieved as error:
        _WRONG.ask(asker, WRONG_PER_MINUTE, visit.now)
        log.warning("logout_token_refused", why=str(error))
        return JSONResponse({"error": "invalid_request"}, 400)
    people = await sessions.end_by_provider(visit.connection, ended)
    for person in people:
        await journal_entries.record_sign_in(visit, What.PROVIDER_SIGN_OUT, person)
    log.info("sessions_ended_by_provider", sessions=len(people))
    return Response()


def begin_sign_out(visit: Visit, answer: Response, state: str) -> None:
    """Sets the cookie with the state with which the provider will send the browser back."""
    cookies.put(answer, visit.settings, cookies.SIGNING_OUT, state, cookies.TEN_MINUTES)


def new_state() -> str:
    """Makes the random state of a sign-out at the provider, of 43 characters."""
    return secrets.token_urlsafe(32)


def is_back(visit: Visit) -> bool:
    """Returns whether the provider sent this browser back from the sign-out that it asked for."""
    known = cookies.read(visit.request, visit.settings, cookies.SIGNING_OUT) or ""
    said = visit.request.query_params.get("state", "")
    return bool(known) and hmac.compare_digest(known.encode(), said.encode())
