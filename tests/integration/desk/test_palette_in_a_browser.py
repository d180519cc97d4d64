"""The palette (Ctrl K) before a real browser: it offers what the page offers, by its words."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from shared.platform.database import Pool
from tests.desk_builders import proposed
from tests.e2e.browser import Person
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state
from tests.integration.desk.windows import OFFICE, PHONE, THEMES, Windows, kept, windows

pytestmark = pytest.mark.usefixtures("live_site")

OPEN = "dialog.palette[open] input:focus"
OFFERED = "dialog.palette [role=option]"
CHOSEN = "dialog.palette [aria-selected=true]"


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """Two mails to sort."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    await mails(pool, tmp_path, proposed(), proposed())
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, request.param) as one:
        yield one


async def opened(page: Page, typed: str) -> None:
    await page.keyboard.press("Control+k")
    await page.wait_for_selector(OPEN)
    await page.keyboard.type(typed)


async def test_a_page_an_act_and_a_number_are_found_by_their_words(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(1)}")
        await page.wait_for_selector("html[data-awake]")
        # An act of the page: it decides as its key does.
        await opened(page, "confirmer suiv")
        assert await page.locator(CHOSEN).inner_text() == "Confirmer, suivant\nCette page c"
        await page.keyboard.press("Enter")
        await kept(page, chrono(1))
        assert (await state(pool, 1))[0] == "open"
        # A page of the menu, without accents.
        await opened(page, "departs")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/bureau/departs")
        # A number, from a field too: nothing else answers to it.
        await page.wait_for_selector("#number:focus")
        await opened(page, chrono(2))
        assert await page.locator(OFFERED).count() == 1
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/{chrono(2)}")


async def test_it_is_walked_by_arrows_left_by_escape_and_fits_a_phone(desk: Windows) -> None:
    for size in (OFFICE, PHONE):
        async with desk.of("c.lerk", size) as page:
            await page.goto("/bureau")
            await opened(page, "")
            first = await page.locator(CHOSEN).inner_text()
            await page.keyboard.press("ArrowDown")
            assert await page.locator(CHOSEN).inner_text() != first
            await page.keyboard.press("ArrowUp")
            assert await page.locator(CHOSEN).inner_text() == first
            active = await page.get_attribute("dialog.palette input", "aria-activedescendant")
            assert active == await page.locator(CHOSEN).get_attribute("id")
            box = await page.locator("dialog.palette").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size[0]
            assert await Person(page, desk.home).broken_rules() == []
            await page.keyboard.press("Escape")
            await page.wait_for_selector("dialog.palette", state="detached")
            assert page.url.endswith("/bureau")


async def test_the_keys_of_a_page_are_a_card_with_a_title_and_a_way_out(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(1)}")
        await page.keyboard.press("?")
        await page.wait_for_selector("dialog.keys[open] h2:text-is('Touches de cette page')")
        assert "Ctrl K" in await page.inner_text("dialog.keys dl")
        await page.click("dialog.keys >> text=Fermer")
        await page.wait_for_selector("dialog.keys", state="detached")


async def test_behind_an_open_card_no_key_decides(desk: Windows, pool: Pool) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(1)}")
        await page.wait_for_selector("html[data-awake]")
        sent = list[str]()
        page.on("request", lambda request: sent.append(request.url))
        # Of the palette whose field lost the focus to its margin; then of the card of keys.
        await opened(page, "")
        box = await page.locator("dialog.palette").bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 4, box["y"] + 4)
        await page.mouse.down()
        assert await page.locator(OPEN).count() == 0
        await page.keyboard.press("c")
        await page.mouse.up()
        await page.wait_for_selector("dialog.palette", state="detached")
        await page.keyboard.press("?")
        await page.wait_for_selector("dialog.keys[open]")
        await page.keyboard.press("c")
        await page.keyboard.press("?")
        await page.wait_for_selector("dialog.keys", state="detached")
        await page.evaluate("fetch('/static/icon.svg').then(() => null)")  # what was asked is told
        assert any("icon.svg" in url for url in sent)
        assert [url for url in sent if "montrer" in url or "confirmer" in url] == []
        assert (await state(pool, 1))[0] == "to_qualify"
