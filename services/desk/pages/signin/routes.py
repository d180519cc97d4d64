"""The addresses of the sign-in: `/connexion` and what stands below, `/deconnexion`.

A session begins with a new token, and the one before it ends: nobody can hand somebody else a
session that they already know.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.desk.oidc import Identity, NotBelieved, ProviderAway
from services.desk.pages.page import Page
from services.desk.pages.rights import Right
from services.desk.pages.signin import accounts, cookies
from services.desk.pages.visit import SEE_OTHER, Visit
from services.desk.store import sessions, signins
from services.desk.store.signins import Asked
from shared.facts.envelope import PersonId
from shared.logs import Log
from shared.site.people import Person

UNAUTHORIZED = 401
TOO_MANY = 429
UNAVAILABLE = 503
BACK: Final = "/connexion/retour"
ACCOUNTS: Final = "/personnes"
"""Where an administrator who is nobody of the préfecture begins."""

log = Log("signin")


async def sign_in(visit: Visit) -> Response:
    """The ways in: the provider's button, the local account's password."""
    return await _ways_in(visit, visit.request.query_params.get("suite", "/"))


async def with_password(visit: Visit) -> Response:
    """The local account; five wrong passwords close it for five minutes."""
    form, known = await visit.form(), visit.settings.local_account
    wanted = form.text("suite")
    if known is None:
        raise HTTPException(404)
    if not await signins.may_try(visit.connection):
        return await _ways_in(
            visit, wanted, TOO_MANY, "Trop d’essais : attendez cinq minutes, puis recommencez."
        )
    if not await asyncio.to_thread(_right, known, form.text("secret")):
        await signins.failed(visit.connection)
        log.warning("password_wrong")
        return await _ways_in(visit, wanted, UNAUTHORIZED, "Ce n’est pas le bon mot de passe.")
    demo = visit.applied.site.identity.demo
    next_ = f"/connexion/agir-comme?suite={_local(wanted)}" if demo else ACCOUNTS
    return await _begin(visit, None, "local", next_, administrator=True)


async def act_as(visit: Visit) -> Response:
    """On a demo site the local account chooses whom it is. Raises HTTPException 404 elsewhere."""
    session = visit.signed_in
    if not visit.applied.site.identity.demo or session is None or session.way != "local":
        raise HTTPException(404)
    if visit.request.method == "GET":
        services = [
            (row.name, people)
            for row in visit.applied.site.services.services
            if (people := visit.directory.of(row.id))
        ]
        return await visit.html(
            "signin/act_as.html",
            services=services,
            next=_local(visit.request.query_params.get("suite", "/")),
        )
    form = await visit.form()
    person = visit.directory.person(form.text("personne"))
    if person is None:
        raise HTTPException(404)
    next_ = _local(form.text("suite"))
    return await _begin(visit, person, "local", next_, administrator=True)


async def to_provider(visit: Visit) -> Response:
    """Sends the browser to the identity provider."""
    if visit.provider is None:
        raise HTTPException(404)
    wanted = _local(visit.request.query_params.get("suite", "/"))
    state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    await signins.ask(visit.connection, Asked(state, browser, nonce, verifier, wanted))
    try:
        url = await visit.provider.sign_in_url(visit.address(BACK), state, nonce, verifier)
    except (ProviderAway, NotBelieved) as error:
        return await _away(visit, wanted, error)
    answer = RedirectResponse(url, SEE_OTHER)
    cookies.put(answer, visit.settings, cookies.SIGNING_IN, browser, cookies.TEN_MINUTES)
    return answer


async def from_provider(visit: Visit) -> Response:
    """Comes back with a code; the person is found among those of the site."""
    words = visit.request.query_params
    browser = cookies.read(visit.request, visit.settings, cookies.SIGNING_IN) or ""
    asked = await signins.answered(visit.connection, words.get("state", ""), browser)
    if visit.provider is None or asked is None:
        return await _ways_in(
            visit, "/", UNAUTHORIZED, "Cette identification a expiré : recommencez."
        )
    if "code" not in words:
        return await _ways_in(visit, asked.next, UNAUTHORIZED, "L’identification a été abandonnée.")
    try:
        identity = await visit.provider.identify(
            words["code"], visit.address(BACK), asked.nonce, asked.verifier
        )
    except ProviderAway as error:
        return await _away(visit, asked.next, error)
    except NotBelieved as error:
        log.warning("identity_refused", why=str(error))
        return await _ways_in(
            visit, asked.next, UNAUTHORIZED, "L’identification n’a pas pu être vérifiée."
        )
    administrator = _is_administrator(visit, identity)
    person = _person(visit, identity)
    if person is None and not administrator:
        log.warning("identity_unknown")
        return await _ways_in(
            visit,
            asked.next,
            UNAUTHORIZED,
            "Vous êtes identifié, mais inconnu du registre : le bureau du courrier peut vous y"
            " ajouter.",
        )
    next_ = asked.next if person is not None else ACCOUNTS
    answer = await _begin(
        visit, person, "oidc", next_, administrator=administrator, id_token=identity.id_token
    )
    cookies.drop(answer, visit.settings, cookies.SIGNING_IN)
    return answer


async def sign_out(visit: Visit) -> Response:
    """The session ends here, then at the provider."""
    await visit.form()
    session = visit.signed_in
    url = None
    if session is not None:
        await sessions.end(visit.connection, session.token)
        if visit.provider is not None and session.way == "oidc":
            # Away or not, the session here is over.
            with suppress(ProviderAway, NotBelieved):
                url = await visit.provider.sign_out_url(
                    visit.address("/connexion"), session.id_token
                )
    if url is None:
        answer: Response = RedirectResponse("/connexion", SEE_OTHER)
    else:
        # A page, not a redirect: the policy lets no form of ours lead to another site.
        answer = await visit.html("signin/signed_out.html", url=url, person=None, menu=(), token="")
    cookies.drop(answer, visit.settings, cookies.SESSION)
    return answer


async def _away(visit: Visit, wanted: str, error: Exception) -> Response:
    log.warning("provider_away", why=str(error))
    said = "Le fournisseur d’identité ne répond pas en ce moment ; réessayez bientôt."
    return await _ways_in(visit, wanted, UNAVAILABLE, said)


async def _ways_in(visit: Visit, wanted: str, status: int = 200, wrong: str = "") -> Response:
    return await visit.html(
        "signin/sign_in.html",
        status,
        next=_local(wanted),
        wrong=wrong,
        by_provider=visit.provider is not None,
        by_password=visit.settings.local_account is not None,
    )


async def _begin(
    visit: Visit,
    person: Person | None,
    way: str,
    next_: str,
    *,
    administrator: bool,
    id_token: str | None = None,
) -> Response:
    """A session under a new token; the one before it, if any, is over."""
    if visit.signed_in is not None:
        await sessions.end(visit.connection, visit.signed_in.token)
    token = await sessions.begin(
        visit.connection,
        None if person is None else PersonId(person.id),
        way,
        administrator=administrator,
        id_token=id_token,
    )
    log.info("signed_in", way=way, administrator=administrator)
    answer = RedirectResponse(next_, SEE_OTHER)
    cookies.put(answer, visit.settings, cookies.SESSION, token)
    return answer


def _person(visit: Visit, identity: Identity) -> Person | None:
    """The one person of the site whom the claim names."""
    claim = visit.settings.oidc_claim
    said = str(identity.claims.get(claim, "")).strip()
    if claim != "email":
        return visit.directory.person(said)
    if identity.claims.get("email_verified") is False:
        return None
    found = [
        one for one in visit.directory.people.values() if one.email.casefold() == said.casefold()
    ]
    return found[0] if len(found) == 1 else None


def _is_administrator(visit: Visit, identity: Identity) -> bool:
    roles = identity.claims.get(visit.settings.oidc_roles, ())
    listed = roles.split() if isinstance(roles, str) else roles
    return isinstance(listed, list | tuple) and visit.settings.oidc_administrator in listed


def _right(known: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(known, password)
    except Argon2Error:
        return False


def _local(wanted: str) -> str:
    """A page of ours, whatever was asked: never an address elsewhere."""
    parts = urlsplit(wanted)
    there = parts.scheme or parts.netloc or not wanted.startswith("/") or "\\" in wanted
    return "/" if there or wanted.startswith(("//", "/connexion")) else wanted


PAGES: Final[Sequence[Page]] = (
    Page("/connexion", sign_in, Right.OPEN),
    Page("/connexion/mot-de-passe", with_password, Right.OPEN, methods=("POST",)),
    Page("/connexion/agir-comme", act_as, Right.GOVERN, methods=("GET", "POST")),
    Page("/connexion/fournisseur", to_provider, Right.OPEN),
    Page(BACK, from_provider, Right.OPEN),
    Page("/sessions", accounts.signed_in, Right.GOVERN, nav="Sessions"),
    Page("/sessions/{number}/terminer", accounts.end, Right.GOVERN, methods=("POST",)),
    Page("/deconnexion", sign_out, Right.OPEN, methods=("POST",)),
)
