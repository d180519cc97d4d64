"""The register's pages before a real browser: one process, one database, no Kafka, either theme."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.async_api import Browser, Page, Route

from deploy.embedded.downloads import web
from services.desk.accounts.store import sessions
from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from shared.facts.envelope import PersonId
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from shared.platform.http import bind, serving
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite
from tests.desk_browser import pages
from tests.desk_builders import an_applied_site

THEMES = ("neutral", "dsfr")
OFFICE = (1366, 650)
"""What a browser leaves of the usual screen of a préfecture."""
PHONE = (390, 780)
LARGE = (1920, 970)
PATIENCE = 300_000
"""Milliseconds for what must come, on a machine that does much else."""


async def kept(page: Page, chrono: str) -> None:
    """Waits until the register has kept what was decided of a letter of the queue, and says so."""
    await page.wait_for_selector(f"#annonces .said:not([aria-hidden]):has-text('{chrono}')")


@asynccontextmanager
async def held(page: Page, part: str) -> AsyncIterator[asyncio.Event]:
    """What is sent to addresses that end so waits for the event, or until the context ends."""
    free = asyncio.Event()

    async def wait(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await page.route(f"**/{part}", wait)
    try:
        yield free
    finally:
        free.set()


class Themed(AppliedRules):
    """The rules of a préfecture that chose a theme."""

    def __init__(self, theme: str) -> None:
        super().__init__()
        self._look = {"theme": theme, "brand": ("Préfet", "de l’Indre")}

    async def if_any(self, connection: Connection) -> AppliedSite:
        """The example's rules, in that theme."""
        del connection
        applied = an_applied_site()
        identity = applied.site.identity.model_copy(update=self._look)
        site = applied.site.model_copy(update={"identity": identity})
        self._kept = applied.model_copy(update={"site": site})
        return self._kept


@dataclass(frozen=True)
class Windows:
    """Pages that a browser can open, and windows before them."""

    desk: PageServer
    browser: Browser
    home: str

    @asynccontextmanager
    async def of(
        self, person: str, size: tuple[int, int] = OFFICE, *, scripts: bool = True
    ) -> AsyncIterator[Page]:
        """A window of somebody who is signed in."""
        async with transaction(self.desk.pool) as connection:
            token = await sessions.begin(connection, PersonId(person), "local")
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            locale="fr-FR",
            base_url=self.home,
        )
        context.set_default_timeout(PATIENCE)
        await context.add_cookies([{"name": cookies.SESSION, "value": token, "url": self.home}])
        try:
            yield await context.new_page()
        finally:
            await context.close()


@asynccontextmanager
async def windows(
    pool: Pool, clock: Clock, folder: Path, browser: Browser, theme: str
) -> AsyncIterator[Windows]:
    """The pages of a register, served as the desk serves them."""
    desk = replace(pages(pool, clock, folder, vendor=web()), rules=Themed(theme))
    door = bind("127.0.0.1", 0)
    async with serving(door, desk.app):
        yield Windows(desk, browser, f"http://127.0.0.1:{door.getsockname()[1]}")
