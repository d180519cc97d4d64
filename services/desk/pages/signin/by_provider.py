"""The identity provider: there, and back with a code."""

import secrets
from typing import Final

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.desk.accounts.logout_tokens import mark_of
from services.desk.accounts.oidc import (
    NotBelieved,
    OidcIdentity,
    Provider,
    ProviderAway,
    WeakSignIn,
)
from services.desk.accounts.personnel import PROVIDER, Personnel
from services.desk.accounts.sign_in_strength import UNMET
from services.desk.accounts.store import sessions, signins
from services.desk.accounts.store.signins import PendingSignIn
from services.desk.domain import oidc_roles
from services.desk.domain.oidc_roles import RoleGrant
from services.desk.pages import journal_entries
from services.desk.pages.signin import cookies
from services.desk.pages.signin.ways import ADMINISTRATION, UNAUTHORIZED, begin, local, log, ways_in
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What
from shared.facts.envelope import PersonId, Via
from shared.facts.origin import Origin
from shared.site.tables.people import Person
from shared.site.tables.roles import Role
from shared.web.answers import SEE_OTHER

FORBIDDEN: Final = 403
UNAVAILABLE: Final = 503
BACK: Final = "/connexion/retour"
UNKNOWN: Final = (
    "Vous êtes identifié, mais inconnu du registre : le bureau du courrier peut vous y ajouter."
)
UNNAMED: Final = (
    "Vos groupes vous ouvrent le registre, mais le fournisseur d’identité n’a pas donné votre nom"
    " et une adresse électronique vérifiée : signalez-le à votre administrateur."
)

TOO_WEAK: Final = (
    "Le registre exige une identification plus sûre que celle que vous venez de faire, le plus"
    " souvent un second facteur (application, clé ou carte agent). Activez-le chez votre"
    " fournisseur d’identité, puis recommencez ; sans second facteur, voyez votre administrateur."
)


async def to_provider(visit: Visit) -> Response:
    """Redirects the browser to the identity provider's sign-in page (OpenID Connect)."""
    if visit.provider is None:
        raise HTTPException(404)
    wanted = local(visit.request.query_params.get("suite", "/"))
    state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    try:
        async with visit.apart():
            url = await visit.provider.sign_in_url(visit.address(BACK), state, nonce, verifier)
    except (ProviderAway, NotBelieved) as error:
        return await _away(visit, wanted, error)
    await signins.ask(visit.connection, PendingSignIn(state, browser, nonce, verifier, wanted))
    answer = RedirectResponse(url, SEE_OTHER)
    cookies.put(answer, visit.settings, cookies.SIGNING_IN, browser, cookies.TEN_MINUTES)
    return answer


async def from_provider(visit: Visit) -> Response:
    """Signs in a person whom the identity provider sends back with a code."""
    words = visit.request.query_params
    browser = cookies.read(visit.request, visit.settings, cookies.SIGNING_IN) or ""
    asked = await signins.take_signin(visit.connection, words.get("state", ""), browser)
    if visit.provider is None or asked is None:
        return await ways_in(
            visit, "/", UNAUTHORIZED, "Cette identification a expiré : recommencez."
        )
    identity = await _identify(visit, visit.provider, asked, words)
    if isinstance(identity, Response):
        return identity
    granted = oidc_roles.grants(identity.claims, visit.applied.site.roles)
    administrator = _is_administrator(visit, identity) or RoleGrant(Role.ADMINISTRATOR) in granted
    person = _person(visit, identity)
    # Whom the site has written down since is that person now, and nobody else beside.
    brought = await _brought(visit, identity, frozenset() if person else granted)
    person = person or brought
    written = sorted(map(str, granted))
    if person is not None:
        # Whatever was withdrawn there is gone here, in this person's other sessions as well.
        await sessions.grant_anew(
            visit.connection, PersonId(person.id), written, administrator=administrator
        )
    if person is None and not administrator:
        log.warning("identity_unknown")
        await journal_entries.record_sign_in(visit, What.SIGN_IN_REFUSED)
        return await ways_in(
            visit, asked.next, UNAUTHORIZED, UNNAMED if oidc_roles.belongs(granted) else UNKNOWN
        )
    next_ = asked.next if person is not None else ADMINISTRATION
    answer = await begin(
        visit,
        person,
        "oidc",
        next_,
        administrator=administrator,
        id_token=identity.id_token,
        granted=written,
        mark=mark_of(identity.claims),
    )
    cookies.drop(answer, visit.settings, cookies.SIGNING_IN)
    return answer


async def _identify(
    visit: Visit, provider: Provider, asked: PendingSignIn, words: QueryParams
) -> OidcIdentity | Response:
    """Who comes back, as the provider confirms it, or the page that says why nobody does."""
    if words.get("error") == UNMET:
        return await _too_weak(visit, asked.next)
    if "code" not in words:
        return await ways_in(visit, asked.next, UNAUTHORIZED, "L’identification a été abandonnée.")
    try:
        async with visit.apart():
            return await provider.identify(
                words["code"], visit.address(BACK), asked.nonce, asked.verifier
            )
    except ProviderAway as error:
        return await _away(visit, asked.next, error)
    except WeakSignIn:
        return await _too_weak(visit, asked.next)
    except NotBelieved as error:
        log.warning("identity_refused", why=str(error))
        await journal_entries.record_sign_in(visit, What.SIGN_IN_REFUSED)
        return await ways_in(
            visit, asked.next, UNAUTHORIZED, "L’identification n’a pas pu être vérifiée."
        )


async def _too_weak(visit: Visit, wanted: str) -> Response:
    log.warning("identity_too_weak")
    await journal_entries.record_sign_in(visit, What.SIGN_IN_REFUSED)
    return await ways_in(visit, wanted, FORBIDDEN, TOO_WEAK)


async def _away(visit: Visit, wanted: str, error: Exception) -> Response:
    log.warning("provider_away", why=str(error))
    said = "Le fournisseur d’identité ne répond pas en ce moment ; réessayez bientôt."
    return await ways_in(visit, wanted, UNAVAILABLE, said)


def _person(visit: Visit, identity: OidcIdentity) -> Person | None:
    """The one person whom the site wrote down and the claim names.

    Whom the provider brought is known by its own name for them alone: an address may be given to
    somebody else after they left.
    """
    claim = visit.settings.oidc_claim
    said = str(identity.claims.get(claim, "")).strip()
    people = [person for person in visit.directory.people.values() if not person.by_provider]
    if claim != "email":
        return next((person for person in people if person.id == said), None)
    if not oidc_roles.trusted_address(identity.claims):
        return None
    found = [person for person in people if person.email.casefold() == said.casefold()]
    return found[0] if len(found) == 1 else None


async def _brought(
    visit: Visit, identity: OidcIdentity, granted: frozenset[RoleGrant]
) -> Person | None:
    """Whom nobody wrote down, and whose groups give them something to do here.

    Their row of the people follows the provider, and ends when their groups give nothing any more;
    each change is a fact, and they are mailed (ADR 0035).
    """
    site, id_ = visit.applied.site, oidc_roles.id_of(identity.claims)
    before = visit.directory.person(id_)
    works_in = oidc_roles.services(granted, site)
    found = None
    if oidc_roles.belongs(granted):
        found = oidc_roles.person(identity.claims, works_in, before)
    personnel = Personnel(visit.connection, site, PROVIDER, visit.now, Origin(Via.APPLICATION))
    if found is None and before is not None:
        departure = await personnel.leave(before)
        await journal_entries.record_departure(visit, before.id, departure)
    elif found is not None and found != before:
        await personnel.follow(before, found)
    return found


def _is_administrator(visit: Visit, identity: OidcIdentity) -> bool:
    roles = identity.claims.get(visit.settings.oidc_roles, ())
    listed = roles.split() if isinstance(roles, str) else roles
    return isinstance(listed, list | tuple) and visit.settings.oidc_administrator in listed
