"""A visitor of the portal's pages: it asks the ASGI application in one process."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx

from services.portal.pages.serve import PublicPages
from services.portal.settings import PortalSettings
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.site.applied_rules import AppliedRules

HOME = "http://127.0.0.1:8001"


def portal_settings(folder: Path, **more: object) -> PortalSettings:
    """Settings of a portal whose spool is below `folder`; no server is named that would answer."""
    return PortalSettings.model_validate(
        {"database_url": "postgres://nowhere", "spool": folder / "spool", **more}
    )


def public_pages(pool: Pool, clock: Clock, folder: Path, **more: object) -> PublicPages:
    """The pages of a portal, with what is read and written below `folder`."""
    return PublicPages(pool, clock, AppliedRules(), portal_settings(folder, **more))


@dataclass
class Visitor:
    """Asks pages; no redirect is followed. `address`: where the requests come from."""

    pages: PublicPages
    address: str = "127.0.0.1"
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=self.pages.app, client=(self.address, 40_000))
        self.client = httpx.AsyncClient(transport=transport, base_url=HOME)

    async def get(self, url: str, **headers: str) -> httpx.Response:
        """One page, whatever its status."""
        return await self.client.get(url, headers=headers)

    async def page(self, url: str) -> str:
        """The text of a page that must be there."""
        answer = await self.client.get(url)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.text
