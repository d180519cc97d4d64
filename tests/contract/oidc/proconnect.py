"""An identity provider as ProConnect is one.

The userinfo is a signed JWT, the client posts its secret, the code is bound to PKCE's challenge.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER = "https://proconnect.example"
CLIENT, SECRET = "vaguemestre", "hush"


def a_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)})


@dataclass
class ProConnect:
    """Signs in whoever it is told to; `spoil` changes what it says of them."""

    people: Mapping[str, Mapping[str, Any]]
    key: ECKey = field(default_factory=a_key)
    signs_with: ECKey | None = None
    """Another key than it publishes: a forger's."""
    spoil: dict[str, Any] = field(default_factory=dict)
    spoil_userinfo: dict[str, Any] = field(default_factory=dict)
    discovered: dict[str, Any] = field(default_factory=dict)
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
                **self.discovered,
            }
        )

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        code = secrets.token_urlsafe(8)
        self._codes[code] = dict(request.query_params)
        back = request.query_params["redirect_uri"]
        return RedirectResponse(f"{back}?code={code}&state={request.query_params['state']}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form["code"]), None)
        digest = sha256(str(form["code_verifier"]).encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        if asked is None or not right or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        sub = asked["login_hint"]
        said = {"nonce": asked["nonce"], "sub": sub, **self.spoil}
        return JSONResponse(
            {"access_token": sub, "token_type": "Bearer", "id_token": self._signed(said)}
        )

    async def _userinfo(self, request: Request) -> Response:
        sub = request.headers["authorization"].removeprefix("Bearer ")
        said = {"sub": sub, **self.people[sub], **self.spoil_userinfo}
        return Response(self._signed(said), media_type="application/jwt; charset=utf-8")

    def _signed(self, said: Mapping[str, Any]) -> str:
        now = int(datetime.now(UTC).timestamp())  # noqa: TID251  (a provider has its own clock)
        claims = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 60, **said}
        key = self.signs_with or self.key
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, key)
