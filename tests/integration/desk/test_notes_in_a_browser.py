"""Notes before a real browser: whom an `@` may name is offered, and taken without a mouse."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.integration.desk.clocked import items
from tests.integration.desk.windows import OFFICE, PHONE, THEMES, Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

HERE = "/courrier/36-2026-A-000001"
OFFERED = ".mentions [role=option]"


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    await items(pool, "a")
    async with windows(pool, story_clock, tmp_path, chrome, request.param) as one:
        yield one


@pytest.mark.parametrize("size", [OFFICE, PHONE])
async def test_who_may_read_the_letter_is_offered_behind_an_at_and_taken_by_enter(
    desk: Windows, size: tuple[int, int]
) -> None:
    async with desk.of("a.gent", size) as page:
        await page.goto(HERE)
        await page.keyboard.press("i")
        await page.wait_for_selector("#text:focus[aria-controls]")
        await page.keyboard.type("Écrit à ana@b et vu avec @b")
        await page.wait_for_selector(OFFERED)
        said = await page.locator(OFFERED).all_inner_texts()
        assert [line.partition(" (")[0] for line in said] == ["Camille B.gent", "Camille B.head"]
        wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await page.evaluate(wide)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        assert await page.input_value("#text") == "Écrit à ana@b et vu avec @b.head "
        assert await page.locator(OFFERED).count() == 0
        # Of another service: nobody of this name may be named, and Escape is not needed.
        await page.keyboard.type("@r.g")
        assert await page.locator(OFFERED).count() == 0
        for _ in "@r.g":
            await page.keyboard.press("Backspace")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(f"**{HERE}")
        note = page.locator(".note-text")
        assert await note.inner_text() == "Écrit à ana@b et vu avec @b.head"


async def test_one_key_opens_what_notes_a_call_of_today(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(HERE)
        await page.keyboard.press("a")
        await page.wait_for_selector("#text:focus[aria-controls]")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url(f"**{HERE}")
        assert "Appel téléphonique du 12/05/2026" in await page.inner_text(".timeline")
