"""The addresses of the sign-in: `/connexion`, what stands below, `/sessions`, `/deconnexion`."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from starlette.responses import RedirectResponse, Response

from services.desk.accounts.oidc import NotBelieved, ProviderAway
from services.desk.accounts.store import sessions
from services.desk.pages import journal_entries
from services.desk.pages.page import Page
from services.desk.pages.signin import accounts, by_password, by_provider, cookies, from_elsewhere
from services.desk.pages.signin.ways import ways_in
from services.desk.pages.visit import Visit
from services.desk.rights import Right
from services.desk.store.access_journal import What
from shared.web.answers import SEE_OTHER

NO_CONTENT: Final = 204


async def sign_in(visit: Visit) -> Response:
    """Shows the sign-in page: the identity provider's button, the local account's password."""
    wanted = visit.request.query_params.get("suite", "/")
    if not from_elsewhere.is_back(visit):
        return await ways_in(visit, wanted)
    answer = await ways_in(visit, wanted, said=from_elsewhere.DONE)
    cookies.drop(answer, visit.settings, cookies.SIGNING_OUT)
    return answer


async def sign_out(visit: Visit) -> Response:
    """Handles the form that signs out: ends the session here, then at the identity provider."""
    await visit.form()
    session = visit.signed_in
    url, state = None, from_elsewhere.new_state()
    if session is not None:
        await sessions.end(visit.connection, session.token)
        await journal_entries.record_sign_in(visit, What.SIGN_OUT)
        if visit.provider is not None and session.way == "oidc":
            # Away or not, the session here is over.
            with suppress(ProviderAway, NotBelieved):
                async with visit.apart(decided=True):
                    url = await visit.provider.sign_out_url(
                        visit.address("/connexion"), session.id_token, state
                    )
    if url is None:
        answer: Response = RedirectResponse("/connexion", SEE_OTHER)
    else:
        # A page, not a redirect: the policy lets no form of ours lead to another site.
        answer = await visit.html("signin/signed_out.html", url=url, person=None, menu=(), token="")
        from_elsewhere.begin_sign_out(visit, answer, state)
    cookies.drop(answer, visit.settings, cookies.SESSION)
    answer.headers["clear-site-data"] = '"cache"'  # pictures of letters are kept there
    return answer


async def stay(visit: Visit) -> Response:
    """Handles what a page posts when somebody asks to stay signed in; 204, without content.

    Its header says after how many seconds the session ends, however much is done.
    """
    visit.read()
    if visit.signed_in is None:
        return Response(status_code=NO_CONTENT)
    left = await sessions.prolong(visit.connection, visit.signed_in.token)
    return Response(
        status_code=NO_CONTENT, headers={"session-seconds": str(int(left.total_seconds()))}
    )


PAGES: Final[Sequence[Page]] = (
    Page("/connexion", sign_in, Right.OPEN),
    Page("/connexion/mot-de-passe", by_password.with_password, Right.OPEN, methods=("POST",)),
    Page("/connexion/agir-comme", by_password.act_as, Right.GOVERN, methods=("GET", "POST")),
    Page("/connexion/fournisseur", by_provider.to_provider, Right.OPEN),
    Page(by_provider.BACK, by_provider.from_provider, Right.OPEN),
    Page(
        from_elsewhere.PATH,
        from_elsewhere.end_sessions,
        Right.OPEN,
        methods=("POST",),
        most=from_elsewhere.MOST_OCTETS,
    ),
    Page("/sessions", accounts.signed_in, Right.GOVERN, nav="Sessions"),
    Page("/sessions/{number}/terminer", accounts.end, Right.GOVERN, methods=("POST",)),
    Page("/sessions/rester", stay, Right.OPEN, methods=("POST",)),
    Page("/deconnexion", sign_out, Right.OPEN, methods=("POST",)),
)
