"""The identity provider: there, and back with a code."""

import secrets
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.desk.oidc import Identity, NotBelieved, ProviderAway
from services.desk.pages.signin import cookies
from services.desk.pages.signin.ways import ACCOUNTS, UNAUTHORIZED, begin, local, log, ways_in
from services.desk.pages.visit import SEE_OTHER, Visit
from services.desk.store import signins
from services.desk.store.signins import Asked
from shared.site.people import Person

UNAVAILABLE: Final = 503
BACK: Final = "/connexion/retour"


async def to_provider(visit: Visit) -> Response:
    """Sends the browser to the identity provider."""
    if visit.provider is None:
        raise HTTPException(404)
    wanted = local(visit.request.query_params.get("suite", "/"))
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
        return await ways_in(
            visit, "/", UNAUTHORIZED, "Cette identification a expiré : recommencez."
        )
    if "code" not in words:
        return await ways_in(visit, asked.next, UNAUTHORIZED, "L’identification a été abandonnée.")
    try:
        identity = await visit.provider.identify(
            words["code"], visit.address(BACK), asked.nonce, asked.verifier
        )
    except ProviderAway as error:
        return await _away(visit, asked.next, error)
    except NotBelieved as error:
        log.warning("identity_refused", why=str(error))
        return await ways_in(
            visit, asked.next, UNAUTHORIZED, "L’identification n’a pas pu être vérifiée."
        )
    administrator = _is_administrator(visit, identity)
    person = _person(visit, identity)
    if person is None and not administrator:
        log.warning("identity_unknown")
        return await ways_in(
            visit,
            asked.next,
            UNAUTHORIZED,
            "Vous êtes identifié, mais inconnu du registre : le bureau du courrier peut vous y"
            " ajouter.",
        )
    next_ = asked.next if person is not None else ACCOUNTS
    answer = await begin(
        visit, person, "oidc", next_, administrator=administrator, id_token=identity.id_token
    )
    cookies.drop(answer, visit.settings, cookies.SIGNING_IN)
    return answer


async def _away(visit: Visit, wanted: str, error: Exception) -> Response:
    log.warning("provider_away", why=str(error))
    said = "Le fournisseur d’identité ne répond pas en ce moment ; réessayez bientôt."
    return await ways_in(visit, wanted, UNAVAILABLE, said)


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
