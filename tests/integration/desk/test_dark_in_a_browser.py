"""Whose screen prefers the dark has it in either theme, clean for axe; what is printed is light."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_builders import an_arrival, proposed
from tests.e2e.browser import Person
from tests.integration.desk.clocked import items
from tests.integration.desk.findings import hear
from tests.integration.desk.windows import PHONE, THEMES, Windows, windows
from tests.layout_faults import look

pytestmark = pytest.mark.usefixtures("live_site")

PAGES = ("/bureau", "/bureau/a-qualifier", "/bureau/guichet", "/courrier/36-2026-A-000001")
GROUND = "getComputedStyle(document.documentElement).backgroundColor"
BODY = "getComputedStyle(document.body).backgroundColor"
CLEAR = "rgba(0, 0, 0, 0)"


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    await items(pool, "a")
    await hear(pool, an_arrival("b", routing=proposed()))
    async with windows(pool, story_clock, tmp_path, chrome, request.param) as one:
        yield one


async def test_pages_are_dark_by_preference_and_light_on_paper(
    desk: Windows, request: pytest.FixtureRequest
) -> None:
    theme, wrong = request.node.callspec.id, []
    async with desk.of("c.lerk") as page:
        person = Person(page, desk.home)
        await page.emulate_media(color_scheme="dark")
        for url in PAGES:
            assert await person.go(url) == 200, url
            wrong += [f"{url}: {fault}" for fault in await person.broken_rules()]
            await look(page, f"dark-{theme}{url.replace('/', '-')}")
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        wrong += [f"{url} {PHONE[0]}: {fault}" for fault in await person.broken_rules()]
        await look(page, f"dark-{theme}-phone")
        dark = [await page.evaluate(GROUND), await page.evaluate(BODY)]
        await page.emulate_media(media="print", color_scheme="dark")
        paper = [await page.evaluate(GROUND), await page.evaluate(BODY)]
    assert wrong == []
    assert all(brightness(ground) < 60 for ground in dark if ground != CLEAR), dark
    assert all(brightness(ground) > 240 for ground in paper if ground != CLEAR), paper
    assert dark != [CLEAR, CLEAR]


def brightness(colour: str) -> int:
    """The strongest of the three parts of `rgb(…)`, 0 to 255."""
    return max(int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
