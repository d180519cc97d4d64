"""The desk's pages behind an identity provider as ProConnect is, and the way through it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from services.desk.accounts.oidc import Provider
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.contract.oidc.proconnect import CLIENT, ISSUER, SECRET, ProConnect
from tests.desk_browser import Browser, pages

PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "sub-lerk": {"email": "C.Lerk@prefecture.example", "email_verified": True},
    "sub-stranger": {"email": "somebody@else.example"},
    "sub-admin": {"email": "x@else.example", "roles": ["vaguemestre-administrateur"]},
}


def pages_behind(there: ProConnect, pool: Pool, clock: Clock, folder: Path) -> PageServer:
    """Pages at a public address, whose visitors sign in there."""
    made = pages(pool, clock, folder, desk_url="https://courrier.example")
    transport = httpx.ASGITransport(app=there.app)
    return replace(made, provider=Provider(ISSUER, CLIENT, SECRET, "openid email", transport))


async def through(desk: PageServer, sub: str, *, browser: Browser | None = None) -> httpx.Response:
    """The whole way: to the provider, and back with its code."""
    client = (browser or Browser(desk)).client
    client.base_url = httpx.URL("https://courrier.example")
    asked = await client.get("/connexion/fournisseur?suite=/service/bmi")
    url = asked.headers["location"]
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [
        "https://courrier.example/connexion/retour"
    ]
    assert desk.provider is not None
    async with httpx.AsyncClient(transport=desk.provider.transport) as elsewhere:
        back = (await elsewhere.get(f"{url}&login_hint={sub}")).headers["location"]
    return await client.get(back)
