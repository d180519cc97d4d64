"""A letter that is filled and checked: what is shown then is the draft, and none is offered."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from shared.platform.database import Pool
from shared.platform.http import bind, serving
from tests.integration.desk.test_letters_pages import CHRONO, a_prefecture
from tests.integration.desk.windows import Windows

ASKS = f"/courrier/{CHRONO}/repondre/_pieces"
"""A letter whose text its fields fill."""
LEASE, PHOTO = "Le bail signé", "Une photo"


@pytest.fixture
async def page(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Page]:
    """The window of the agent who answers, at the letter."""
    desk = (await a_prefecture(pool, postgres_url, tmp_path)).pages
    door = bind("127.0.0.1", 0)
    async with serving(door, desk.app):
        home = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with Windows(desk, chrome, home).of("k.haddad") as one:
            await one.goto(ASKS)
            yield one


async def press(page: Page, button: str) -> None:
    """Presses a button of the letter and waits for the page that answers."""
    async with page.expect_navigation():
        await page.click(f"button[value={button}]")


async def offers(page: Page) -> list[str]:
    """What the page says of texts that were begun."""
    return await page.locator(".draft").all_text_contents()


async def test_what_a_check_or_a_refusal_shows_is_the_draft_and_nothing_older_is_offered(
    page: Page,
) -> None:
    await page.fill("[name=autres]", LEASE)
    await press(page, "imprimer")
    assert await page.locator(".refusal").count() == 1
    assert LEASE in await page.input_value("#body")
    assert await offers(page) == []
    await page.fill("[name=autres]", f"{LEASE}\n{PHOTO}")
    await press(page, "verifier")
    filled = await page.input_value("#body")
    assert PHOTO in filled
    assert await offers(page) == []
    # It has not left: who comes back later finds it as it was last shown.
    await page.goto(ASKS)
    assert LEASE not in await page.input_value("#body")
    (offered,) = await offers(page)
    assert re.search(r"commencé à \d{1,2}\u00a0h\u00a0\d\d n’a", offered)
    await page.click("text=Le reprendre")
    assert await page.input_value("#body") == filled
    assert await page.input_value("[name=autres]") == f"{LEASE}\n{PHOTO}"


async def test_a_check_takes_no_draft_away_that_was_offered_and_not_taken(page: Page) -> None:
    await page.fill("[name=autres]", LEASE)
    await page.goto(ASKS)
    await press(page, "verifier")
    await page.click("text=Le reprendre")
    assert await page.input_value("[name=autres]") == LEASE
