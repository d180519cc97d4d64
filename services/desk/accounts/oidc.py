"""The identity provider: OpenID Connect, authorization code with PKCE.

Discovery and keys are read from the issuer and kept for an hour. Whatever the provider says is
believed only when its signature, issuer, audience, time and nonce hold; userinfo may be plain JSON
or, as ProConnect gives it, a signed JWT. Nothing is asked over a network without https: roles come
from userinfo as well, and plain JSON has no signature of its own.
"""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

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
ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
"""All asymmetric: a shared secret would let whoever holds it write identities."""


class NotBelieved(PermanentFailure):
    """The error that the identity provider's answer is not valid; it names no person."""


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
        return _with(str((await self._discovered())["authorization_endpoint"]), words)

    async def sign_out_url(self, back: str, id_token: str | None) -> str | None:
        """Returns the provider's sign-out address, or `None` if it has none.

        Raises ProviderAway.
        """
        endpoint = (await self._discovered()).get("end_session_endpoint")
        if not endpoint:
            return None
        words = {"post_logout_redirect_uri": back, "client_id": self.client_id}
        return _with(str(endpoint), words | ({"id_token_hint": id_token} if id_token else {}))

    async def identify(self, code: str, back: str, nonce: str, verifier: str) -> OidcIdentity:
        """Exchanges the authorization code of a sign-in for the person's verified claims.

        Raises:
            NotBelieved: the code, a signature or a claim does not hold.
            ProviderAway: the provider does not answer.
        """
        found = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        offered = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in offered
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
        return OidcIdentity({**await self._userinfo(tokens, claims), **claims}, id_token)

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

    async def _verified(self, token: str, *, must_expire: bool) -> Claims:
        """The claims of a token that the provider signed for us."""
        try:
            decoded = await self._decoded(token)
            claims: dict[str, Any] = dict(decoded.claims)
            registry = jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                exp={"essential": must_expire},
                iss={"essential": must_expire, "value": str((await self._discovered())["issuer"])},
                aud={"essential": must_expire, "value": self.client_id},
                sub={"essential": True},
            )
            registry.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            raise NotBelieved(f"A token does not hold ({type(error).__name__}).") from error
        return claims

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys since we asked.
            self._keys = None
            return jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)

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
    )
