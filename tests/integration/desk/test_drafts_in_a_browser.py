"""What somebody writes is offered again to them until it has arrived, and stays for nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from services.desk.accounts.store import sessions
from services.desk.pages.signin import cookies
from shared.facts.envelope import PersonId
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.integration.desk.clocked import items
from tests.integration.desk.windows import Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

HERE = "/courrier/36-2026-A-000001"


async def drafts(page: Page) -> list[str]:
    """Names of the drafts that the tab keeps."""
    kept = "Object.keys(sessionStorage).filter((name) => name.startsWith('brouillon '))"
    return list(await page.evaluate(kept))


async def begin(page: Page) -> None:
    """Types a note and does not send it."""
    await page.goto(f"{HERE}/note")
    await page.fill("#text", "Elle rappelle lundi.")
    assert await drafts(page) == [f"brouillon a.gent {HERE}/note"]


@pytest.fixture
async def desk(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Windows]:
    await items(pool, "a")
    async with windows(pool, story_clock, tmp_path, chrome, "neutral") as one:
        yield one


async def test_a_text_that_was_not_sent_is_offered_again_and_one_that_was_is_not(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("a.gent") as page:
        await page.goto(f"{HERE}/note")
        await page.fill("#text", "Elle rappelle lundi.")
        # The session ends meanwhile: the note is not kept, and the text is still theirs.
        await pool.execute("UPDATE desk.sessions SET seen_at = seen_at - interval '3 hours'")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector("text=identifi")
        await pool.execute("UPDATE desk.sessions SET seen_at = seen_at + interval '3 hours'")
        # Another decision is said to be done first: that says nothing of the note.
        await page.goto(f"{HERE}/appel-visite")
        await page.fill("#text", "Elle a appelé.")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector("#annonces .said")
        await page.goto(f"{HERE}/note")
        await page.click("text=Le reprendre")
        assert await page.input_value("#text") == "Elle rappelle lundi."
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(f"**{HERE}")
        assert "Elle rappelle lundi." in await page.inner_text(".note-text")
        await page.goto(f"{HERE}/note")
        await page.wait_for_selector("#text")
        assert await page.locator(".draft").count() == 0


async def test_a_text_does_not_outlive_its_writer_at_a_shared_machine(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("a.gent") as page:
        await begin(page)
        # The session ends unseen, and somebody else signs in in the same tab.
        async with transaction(pool) as connection:
            other = await sessions.begin(connection, PersonId("c.lerk"), "local")
        mine = await page.context.cookies()
        await page.context.add_cookies(
            [{"name": cookies.SESSION, "value": other, "url": desk.home}]
        )
        await page.goto("/")
        assert await drafts(page) == []
        await page.context.add_cookies(
            [{"name": c["name"], "value": c["value"], "url": desk.home} for c in mine]
        )
        await begin(page)
        await page.click("text=Se déconnecter")
        await page.wait_for_url("**/connexion")
        assert await drafts(page) == []
