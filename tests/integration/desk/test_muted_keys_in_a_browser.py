"""Keys of one sign are muted at the foot of a page, everywhere, and given back (RGAA 12.10)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.integration.desk.clocked import items
from tests.integration.desk.windows import THEMES, Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

HERE = "/courrier/36-2026-A-000001"


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    await items(pool, "a")
    async with windows(pool, story_clock, tmp_path, chrome, request.param) as one:
        yield one


async def test_a_muted_key_presses_nothing_on_any_page_until_it_is_given_back(
    desk: Windows,
) -> None:
    async with desk.of("a.gent") as page:
        await page.goto("/courriers")
        await page.click("text=Couper les touches d’une lettre")
        await page.wait_for_selector("text=Remettre les touches d’une lettre")
        await page.goto(HERE)
        await page.keyboard.press("i")
        await page.keyboard.press("?")
        await page.keyboard.press("Control+k")  # no single sign: it opens, and the others had not
        await page.wait_for_selector("dialog.palette[open]")
        assert page.url.endswith(HERE)
        assert await page.locator("dialog.keys").count() == 0
        await page.keyboard.press("Escape")
        await page.click("text=Remettre les touches d’une lettre")
        await page.keyboard.press("i")
        await page.wait_for_url(f"**{HERE}/note")


async def test_what_is_folded_under_other_decisions_keeps_its_key_and_stands_in_the_palette(
    desk: Windows,
) -> None:
    async with desk.of("a.gent") as page:
        await page.goto(HERE)
        assert await page.locator(".actions .main .button").count() == 3
        assert not await page.is_visible("text=Saisir un départ")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("saisir un")
        await page.wait_for_selector("[role=option]:has-text('Saisir un départ')")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("dialog.palette", state="detached")
        await page.keyboard.press("l")
        await page.wait_for_url(f"**{HERE}/depart")
