"""The identity provider: OpenID Connect, authorization code with PKCE.

Discovery and keys are read from the issuer and kept for an hour. Whatever the provider says is
believed only when its signature, issuer, audience, time and nonce hold; userinfo may be plain JSON
or, as ProConnect gives it, a signed JWT. Nothing is asked over a network without https: roles come
from userinfo as well, and plain JSON has no signature of its own. How sure a sign-in must be, by
which algorithms tokens are signed and how our secret is sent are settings (docs/decisions/0132).
"""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.desk.accounts.logout_tokens import ProviderLogout, read_logout
from services.desk.accounts.sign_in_strength import SignInStrength
from services.desk.domain.oidc_roles import Claims
from services.desk.settings import DeskSettings
from shared.errors import PermanentFailure, TemporaryFailure

KEPT: Final = timedelta(hours=1).total_seconds()
TIMEOUT: Final = 5.0
"""Seconds for a whole answer, however it trickles."""
REST: Final = 10.0
"""Seconds after a silence during which nobody waits for it again."""
LEEWAY: Final = 60
"""Seconds by which two clocks may differ."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ALGORITHMS: Final = ("RS256", "ES256")
"""What providers sign with unless the setting says more; a shared secret is never among them, since
it would let whoever holds it write identities."""
SAME_KEYS: Final = 60.0
"""Seconds within which a stranger's token makes us ask for the provider's keys once at most."""


_UNREADABLE: Final = (JoseError, ValueError, TypeError, RecursionError)
"""What the library raises for a stranger's token; the last two for headers of another shape."""


class NotBelieved(PermanentFailure):
    """The error that the identity provider's answer is not valid; it names no person."""


class WeakSignIn(PermanentFailure):
    """The error that a sign-in was weaker (acr, amr) than the settings demand."""


class ProviderAway(TemporaryFailure):
    """The error that the identity provider does not answer in time, or not at all."""


@dataclass(frozen=True, slots=True)
class OidcIdentity:
    """The identity of a person as the provider confirmed it: verified claims and id token."""

    claims: Claims
    id_token: str
    """Given back at sign-out as a hint."""


@dataclass
class Provider:
    """Our client of an OpenID Connect identity provider: asks it who signed in, keeps its keys.

    `transport` is for tests.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    transport: httpx.AsyncBaseTransport | None = None
    demanded: SignInStrength = field(default_factory=SignInStrength)
    algorithms: Sequence[str] = ALGORITHMS
    client_auth: str = "auto"
    """How our secret is sent: `client_secret_basic`, `client_secret_post`, or `auto`, the first of
    both that the provider offers."""
    _found: tuple[float, Claims] | None = field(default=None, init=False)
    _keys: tuple[float, KeySet] | None = field(default=None, init=False)
    _silent_until: float = field(default=0.0, init=False)

    async def sign_in_url(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Returns the address of the provider's sign-in page. Raises ProviderAway.

        The provider sends the browser back to `back`, with `state`.
        """
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        words = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": self.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        found = await self._discovered()
        by_claims = found.get("claims_parameter_supported") is True
        words |= self.demanded.parameters(by_claims=by_claims)
        return _with(str(found["authorization_endpoint"]), words)

    async def sign_out_url(self, back: str, id_token: str | None, state: str) -> str | None:
        """Returns the provider's sign-out address, or `None` if it has none.

        The provider sends the browser back to `back`, with `state`. Raises ProviderAway.
        """
        endpoint = (await self._discovered()).get("end_session_endpoint")
        if not endpoint:
            return None
        # ProConnect takes these three and refuses a fourth; the token names the client.
        named = {"id_token_hint": id_token} if id_token else {"client_id": self.client_id}
        return _with(str(endpoint), {**named, "post_logout_redirect_uri": back, "state": state})

    async def identify(self, code: str, back: str, nonce: str, verifier: str) -> OidcIdentity:
        """Exchanges the authorization code of a sign-in for the person's verified claims.

        Raises:
            NotBelieved: the code, a signature or a claim does not hold.
            WeakSignIn: the identity token says less of how they signed in than is demanded.
            ProviderAway: the provider does not answer.
        """
        found = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        basic = self._by_header(found)
        if not basic:
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        answer = await self._ask(
            "POST",
            str(found["token_endpoint"]),
            data=form,
            auth=(self.client_id, self.client_secret) if basic else None,
        )
        tokens = _json(answer)
        id_token = str(tokens.get("id_token", ""))
        claims = await self._verified(id_token, must_expire=True)
        if claims.get("nonce") != nonce:
            raise NotBelieved("The identity token answers another request (nonce).")
        if not self.demanded.is_met(claims):
            raise WeakSignIn("The identity token names no level or method that is demanded.")
        return OidcIdentity({**await self._userinfo(tokens, claims), **claims}, id_token)

    async def read_logout_token(self, logout_token: str) -> ProviderLogout:
        """Verifies a logout token (OpenID Connect Back-Channel Logout) and reads what ended.

        Raises:
            NotBelieved: the token is not the provider's, not for us, too old, or no logout token.
            ProviderAway: the provider's keys are needed and it does not answer.
        """
        anew = self._keys is None or time.monotonic() - self._keys[0] > SAME_KEYS
        claims = await self._verified(logout_token, must_expire=True, named=False, anew=anew)
        found = read_logout(claims)
        if found is None:
            raise NotBelieved("The token is no logout token.")
        return found

    def _by_header(self, found: Claims) -> bool:
        if self.client_auth != "auto":
            return self.client_auth == "client_secret_basic"
        offered = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" in offered

    async def _userinfo(self, tokens: Claims, claims: Claims) -> Claims:
        endpoint = (await self._discovered()).get("userinfo_endpoint")
        if not endpoint:
            return {}
        bearer = {"authorization": f"Bearer {tokens.get('access_token', '')}"}
        answer = await self._ask("GET", str(endpoint), headers=bearer)
        signed = answer.headers.get("content-type", "").partition(";")[0].strip()
        said = (
            await self._verified(answer.text.strip(), must_expire=False)
            if signed == "application/jwt"
            else _json(answer)
        )
        if said.get("sub") != claims.get("sub"):
            raise NotBelieved("The user information is about somebody else (sub).")
        return said

    async def _verified(
        self, token: str, *, must_expire: bool, named: bool = True, anew: bool = True
    ) -> Claims:
        """The claims of a token that the provider signed for us.

        `named`: it must say who (sub); `anew`: its keys are asked for again where none fits.
        """
        try:
            decoded = await self._decoded(token, anew=anew)
            claims: dict[str, Any] = dict(decoded.claims)
            registry = jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                exp={"essential": must_expire},
                iss={"essential": must_expire, "value": str((await self._discovered())["issuer"])},
                aud={"essential": must_expire, "value": self.client_id},
                sub={"essential": named},
            )
            registry.validate(claims)
        except (*_UNREADABLE, KeyError) as error:
            raise NotBelieved(f"A token does not hold ({type(error).__name__}).") from error
        return claims

    async def _decoded(self, token: str, *, anew: bool) -> jwt.Token:
        allowed = list(self.algorithms)
        try:
            return jwt.decode(token, await self._key_set(), algorithms=allowed)
        except _UNREADABLE:
            if not anew:
                raise
            # The provider may have changed its keys since we asked.
            self._keys = None
            return jwt.decode(token, await self._key_set(), algorithms=allowed)

    async def _key_set(self) -> KeySet:
        now = time.monotonic()
        if self._keys is None or now - self._keys[0] > KEPT:
            answer = await self._ask("GET", str((await self._discovered())["jwks_uri"]))
            self._keys = now, KeySet.import_key_set(_json(answer))  # type: ignore[arg-type]  # a JSON document, checked by the library
        return self._keys[1]

    async def _discovered(self) -> Claims:
        now = time.monotonic()
        if self._found is None or now - self._found[0] > KEPT:
            base = self.issuer.rstrip("/")
            found = _json(await self._ask("GET", f"{base}/.well-known/openid-configuration"))
            if str(found.get("issuer", "")).rstrip("/") != base:
                raise NotBelieved("The provider names another issuer than VAGUEMESTRE_OIDC_ISSUER.")
            self._found = now, found
        return self._found[1]

    async def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        if not _sheltered(url):
            raise NotBelieved("The identity provider would be asked without https.")
        if time.monotonic() < self._silent_until:
            raise ProviderAway("The identity provider did not answer a moment ago.")
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                httpx.AsyncClient(timeout=TIMEOUT, transport=self.transport) as client,
            ):
                answer = await client.request(method, url, **more)
        except (httpx.HTTPError, TimeoutError) as error:
            if isinstance(error, (httpx.TimeoutException, TimeoutError)):
                self._silent_until = time.monotonic() + REST
            raise ProviderAway(
                f"The identity provider does not answer ({type(error).__name__})."
            ) from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderAway(f"The identity provider answers {answer.status_code}.")
        if answer.status_code != httpx.codes.OK:
            raise NotBelieved(f"The identity provider refuses ({answer.status_code}).")
        return answer


def _sheltered(url: str) -> bool:
    """Whether nobody on the way can write the answer: https, or this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def _json(answer: httpx.Response) -> Claims:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotBelieved("The identity provider answers something else than JSON.")
    return found


def _with(url: str, words: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(words)}"


def provider_of(settings: DeskSettings) -> Provider | None:
    """Returns the identity provider named by the settings, or `None` without one."""
    if settings.oidc_issuer is None:
        return None
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_scope,
        demanded=SignInStrength(tuple(settings.oidc_acr.split()), tuple(settings.oidc_amr.split())),
        algorithms=settings.oidc_algorithms.split(),
        client_auth=settings.oidc_client_auth,
    )
