"""What somebody writes is offered again after an expired sign-in, and not once it was sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.integration.desk.clocked import items
from tests.integration.desk.windows import Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

HERE = "/courrier/36-2026-A-000001"


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
        await page.goto(f"{HERE}/note")
        await page.click("text=Le reprendre")
        assert await page.input_value("#text") == "Elle rappelle lundi."
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(f"**{HERE}")
        assert "Elle rappelle lundi." in await page.inner_text(".note-text")
        await page.goto(f"{HERE}/note")
        await page.wait_for_selector("#text")
        assert await page.locator(".draft").count() == 0
