"""The work list in a real browser: rows ticked, a view kept, counts that follow the register."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY
from tests.desk_builders import an_arrival, certain, digest, rules
from tests.e2e.browser import Person
from tests.integration.desk.windows import LARGE, OFFICE, PHONE, THEMES, Windows, windows
from tests.layout_faults import ZOOMED, faults, look

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LIST = "/courriers?service=bmi&qui=tous"


async def come(desk: PageServer, *names: str) -> None:
    arrivals: list[Any] = [
        an_arrival(name, routing=certain(), correspondent=digest(name)) for name in names
    ]
    async with transaction(desk.pool) as connection:
        await hears_arrivals(rules)(connection, arrivals, TODAY)


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """Three items of bmi that nobody took."""
    async with windows(pool, story_clock, tmp_path, chrome, request.param) as one:
        await come(one.desk, "a", "b", "c")
        yield one


async def test_all_are_ticked_by_a_key_also_after_the_list_was_drawn_anew(desk: Windows) -> None:
    async with desk.of("a.gent") as page:
        await page.goto(LIST)
        await page.wait_for_selector("[data-tick-all]:visible")
        # The list follows the register; what it gained is ticked too.
        await page.evaluate("refresh()")
        await come(desk.desk, "d")
        await page.evaluate("refresh()")
        await page.wait_for_selector("#c-36-2026-A-000004")
        await page.wait_for_selector("[data-tick-all]:visible")
        ticked = "document.querySelectorAll('[name=chrono]:checked').length"
        await page.keyboard.press("a")
        assert await page.evaluate(ticked) == 4
        await page.keyboard.press("a")
        assert await page.evaluate(ticked) == 0


async def test_menu_and_title_follow_the_register(desk: Windows) -> None:
    async with desk.of("b.head") as page:
        await page.goto(LIST)
        await page.wait_for_selector("#menu a[aria-current]:has-text('Courriers (3)')")
        assert (await page.title()).startswith("(3) ")
        await come(desk.desk, "d")
        await page.evaluate("refresh()")
        await page.wait_for_selector("#menu a[aria-current]:has-text('Courriers (4)')")
        await page.wait_for_function("document.title.startsWith('(4) ')")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_list_is_sorted_and_kept_under_a_name(desk: Windows, *, scripts: bool) -> None:
    async with desk.of("b.head", scripts=scripts) as page:
        await page.goto(LIST)
        await page.click("thead >> text=Reçu")
        await page.wait_for_url("**tri=recu")
        await page.click("summary:text('Enregistrer cette vue')")
        await page.fill("#nom", "Les plus anciens")
        await page.select_option("#pour", "bmi")
        await page.click("button:text-is('Enregistrer')")
        view = page.locator(".views a[aria-current=page]")
        assert "Les plus anciens" in await view.inner_text()
        await page.click("text=Gérer les vues")
        await page.click("summary:has-text('Renommer ou supprimer')")
        await page.fill("[name=nom]", "À reprendre")
        await page.click("button:text-is('Renommer')")
        await page.click("main a:text('À reprendre')")
        await page.wait_for_url(lambda url: url.endswith("tri=recu"))


async def test_list_and_views_are_whole_and_accessible_in_every_window(
    desk: Windows, request: pytest.FixtureRequest
) -> None:
    wrong = []
    theme = request.node.callspec.id  # the pictures' names
    async with desk.of("b.head") as page:
        person = Person(page, desk.home)
        for name in ("Les plus anciens", "À reprendre avant la réunion de service du lundi matin"):
            await page.goto(f"{LIST}&tri=recu")
            await page.click("summary:text('Enregistrer cette vue')")
            await page.fill("#nom", name)
            await page.select_option("#pour", "bmi" if name[0] == "L" else "moi")
            await page.click("button:text-is('Enregistrer')")
        for url in (f"{LIST}&tri=recu", "/courriers/vues"):
            await person.go(url)
            await page.evaluate(
                "for (const fold of document.querySelectorAll('details')) fold.open = true"
            )
            for size in (OFFICE, PHONE, ZOOMED, LARGE):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                name = url.partition("?")[0].replace("/", "-")
                await look(page, f"{theme}-{size[0]}{name}")
            wrong += [f"{url}: {fault}" for fault in await person.violations()]
    assert not wrong, "\n".join(wrong)
