"""The counter in a real browser: where the focus is once a paper has its number, and key `r`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from shared.platform.database import Pool
from tests.integration.desk.offices import a_clerk, chrono
from tests.integration.desk.windows import Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

COUNTER = "/bureau/guichet"


@pytest.fixture
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Windows]:
    """Nothing registered yet."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, "neutral") as one:
        yield one


async def registered(page: Page, channel: str) -> None:
    await page.goto(COUNTER)
    await page.wait_for_selector("#channel:focus")
    await page.select_option("#channel", channel)
    await page.select_option("#category", "association")
    await page.click("main button:text('Enregistrer')")
    await page.wait_for_selector("#annonces >> text=Enregistré sous")


async def test_the_recepisse_of_what_was_just_handed_over_is_printed_by_its_key(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk") as page:
        await registered(page, "hand_delivered")
        receipt = f"{COUNTER}/{chrono(1)}/recepisse.pdf"
        await page.wait_for_selector(f"a[href='{receipt}']:focus")
        async with page.context.expect_event(
            "request", lambda request: request.url.endswith(receipt)
        ):
            await page.keyboard.press("r")


async def test_where_nothing_is_to_be_printed_the_next_paper_is_keyed_at_once(
    desk: Windows,
) -> None:
    async with desk.of("c.lerk") as page:
        await registered(page, "letter")
        await page.wait_for_selector("#channel:focus")
        # Another day's page, or one that is opened anew, is for the next paper as well.
        await page.goto(COUNTER)
        await page.wait_for_selector("#channel:focus")
