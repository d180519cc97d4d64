"""An identity provider as ProConnect is one.

The userinfo is a signed JWT, the client posts its secret, the code is bound to PKCE's challenge; a
parameter that its guide does not name is refused, at the sign-out too, and so is a short state.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER = "https://proconnect.example"
CLIENT, SECRET = "vaguemestre", "hush"
ASKED = {
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims"),
    *("prompt", "idp_hint", "login_hint", "code_challenge", "code_challenge_method"),
}
SIGNED_OUT = {"id_token_hint", "state", "post_logout_redirect_uri"}
SHORTEST = 32
"""Letters of a state or a nonce."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def a_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})


@dataclass
class ProConnect:
    """Signs in whoever it is told to; `spoil` changes what it says of them."""

    people: Mapping[str, Mapping[str, Any]]
    key: ECKey | RSAKey = field(default_factory=a_key)
    signs_with: ECKey | None = None
    """Another key than it publishes: a forger's."""
    spoil: dict[str, Any] = field(default_factory=dict)
    spoil_userinfo: dict[str, Any] = field(default_factory=dict)
    discovered: dict[str, Any] = field(default_factory=dict)
    acr: str = "eidas1"
    amr: tuple[str, ...] = ("pwd",)
    algorithm: str = "ES256"
    asked: list[dict[str, str]] = field(default_factory=list)
    """The parameters of each sign-in that was asked for."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._jwks),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
                Route("/logout", self._logout),
            ]
        )

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/userinfo",
                "jwks_uri": f"{ISSUER}/jwks",
                "end_session_endpoint": f"{ISSUER}/logout",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "claims_parameter_supported": True,
                **self.discovered,
            }
        )

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        code = secrets.token_urlsafe(8)
        asked = dict(request.query_params)
        short = len(asked["state"]) < SHORTEST or len(asked["nonce"]) < SHORTEST
        if short or not asked.keys() <= ASKED:
            return JSONResponse({"error": "Y000400"}, 400)
        self.asked.append(asked)
        self._codes[code] = asked
        back = request.query_params["redirect_uri"]
        return RedirectResponse(f"{back}?code={code}&state={request.query_params['state']}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form["code"]), None)
        digest = sha256(str(form["code_verifier"]).encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if asked is None or not right or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        sub = asked["login_hint"]
        said: dict[str, Any] = {
            "nonce": asked["nonce"],
            "sub": sub,
            "sid": f"sid-{sub}",
            "acr": self.acr,
        }
        if "amr" in json.loads(asked.get("claims", "{}")).get("id_token", {}):
            said["amr"] = list(self.amr)
        said |= self.spoil
        return JSONResponse(
            {"access_token": sub, "token_type": "Bearer", "id_token": self._signed(said)}
        )

    async def _userinfo(self, request: Request) -> Response:
        sub = request.headers["authorization"].removeprefix("Bearer ")
        said = {"sub": sub, **self.people[sub], **self.spoil_userinfo}
        return Response(self._signed(said), media_type="application/jwt; charset=utf-8")

    async def _logout(self, request: Request) -> Response:
        words = request.query_params
        if set(words) != SIGNED_OUT or len(words["state"]) < SHORTEST:
            return JSONResponse({"error": "Y000400"}, 400)
        jwt.decode(words["id_token_hint"], self.key)
        return RedirectResponse(f"{words['post_logout_redirect_uri']}?state={words['state']}")

    def logout_token(self, **said: Any) -> str:
        """What it posts when somebody signed out elsewhere; a claim that is None is left out."""
        claims = {"jti": secrets.token_hex(8), "events": {EVENT: {}}, **said}
        return self._signed(claims)

    def _signed(self, said: Mapping[str, Any]) -> str:
        now = int(datetime.now(UTC).timestamp())  # noqa: TID251  (a provider has its own clock)
        whole = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 60, **said}
        claims = {name: claim for name, claim in whole.items() if claim is not None}
        key = self.signs_with or self.key
        head = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(head, claims, key, algorithms=[self.algorithm])
