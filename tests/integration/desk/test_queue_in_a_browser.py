"""The queue before a real browser, in both themes: it opens at the letter, and decides it once."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page, Route

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.platform.database import Pool
from tests.desk_builders import MONDAY, a_scan, proposed
from tests.integration.desk.findings import a_mail, registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, state
from tests.integration.desk.windows import OFFICE, PHONE, THEMES, Windows, kept, windows

pytestmark = pytest.mark.usefixtures("live_site")

MAGNIFIED = (OFFICE[0] // 2, OFFICE[1] // 2)
"""The screen of an office at 200 %."""
TEXT = "Madame, Monsieur,\n\n" + "Mon récépissé est périmé et personne ne répond. " * 60
MAILS = 4
SCAN = MAILS + 1
"""The letter of twelve pages, the last of the queue."""
PRESSED = """
addEventListener("DOMContentLoaded", () => {
  for (let n = 0; n < 6; n++) {
    const keys = {key: "c", bubbles: true, cancelable: true};
    document.body.dispatchEvent(new KeyboardEvent("keydown", keys));
  }
});
"""
"""Six presses that were meant for the page before."""
IN_SIGHT = """
element => {
  const box = element.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.y >= 0 && box.bottom <= innerHeight && (element.contains(at) || at.contains(element));
}
"""
"""Whole on the screen, and nothing lies over it."""


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """Four mails and a letter to sort; the first one was just sorted by the clerk."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    blobs = LocalBlobs(tmp_path)
    letters = [
        await a_mail(
            blobs,
            f"m{n}",
            wrote("Ana", f"Mon récépissé {n}", TEXT),
            at=MONDAY + timedelta(minutes=n),
            routing=proposed(),
        )
        for n in range(MAILS)
    ]
    scan = a_scan("s", provisional=True, routing=proposed(), at=MONDAY + timedelta(hours=1))
    kept = {
        "pli": await plis.write(blobs, 2026, scan.arrival_id, scanned(*["Objet : titre"] * 12)),
        "original": await blobs.put(2026, scan.arrival_id, _pages(12)),
    }
    await registered(pool, *letters, scan.model_copy(update=kept))
    await clerk.send(f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(1)}/confirmer")
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, request.param) as one:
        yield one


def _pages(number: int) -> bytes:
    first, *others = [Image.new("L", (620, 877), 255) for _ in range(number)]
    octets = io.BytesIO()
    first.save(octets, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")
    return octets.getvalue()


SHOWN = """
addEventListener("pageshow", () => { document.documentElement.dataset.shown = "yes"; });
"""
"""Said once a page has everything, its pictures too."""


async def _awake(page: Page) -> None:
    await page.wait_for_selector("html[data-awake]")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
async def test_the_page_opens_at_the_letter_and_not_past_it(
    desk: Windows, *, scripts: bool
) -> None:
    for size in (OFFICE, PHONE, MAGNIFIED):
        async with desk.of("c.lerk", size, scripts=scripts) as page:
            for number in (2, SCAN):
                await page.goto(f"{QUEUE}/{chrono(number)}")
                assert await page.evaluate("scrollY") == 0
                letter = await page.locator(".original").bounding_box()
                assert letter is not None
                assert letter["y"] > 0
                # Magnified, the State's header alone fills the screen; the letter follows it.
                assert size == MAGNIFIED or letter["y"] < size[1] / 2
                if scripts:
                    assert await page.evaluate("document.activeElement.className") == "original"


async def test_what_decides_is_in_sight_on_the_screen_of_an_office(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(SCAN)}?dernier={chrono(1)}")
        hidden = [
            selector
            for selector in (
                "[data-key=c]",
                "[data-key=p]",
                ".decide [name=service]",
                "[name=category]",
                "[name=day_stands]",
                "[name=subject]",
                "[data-key=j]",
                "[data-key=e]",
                "[data-key=z]",
            )
            if not await page.locator(selector).first.evaluate(IN_SIGHT)
        ]
        assert hidden == []


async def test_six_fast_presses_confirm_one_item(desk: Windows, pool: Pool) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(2)}")
        await _awake(page)
        # From here on each page is met by six presses before anybody can have seen it.
        await page.context.add_init_script(PRESSED)
        await page.keyboard.press("c")
        await kept(page, chrono(2))
        await _awake(page)
        assert page.url.partition("?")[0].endswith(chrono(3))
        assert (await state(pool, 2))[0] == "open"
        assert (await state(pool, 3))[0] == "to_qualify"


async def test_a_picture_that_comes_late_takes_no_press_away(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.context.add_init_script(SHOWN)
        drawn = asyncio.Event()

        async def late(route: Route) -> None:
            await drawn.wait()
            await route.continue_()

        await page.route("**/*.png*", late)
        await page.goto(f"{QUEUE}/{chrono(SCAN)}", wait_until="domcontentloaded")
        await _awake(page)
        assert await page.locator("html[data-shown]").count() == 0, "its pictures have come"
        drawn.set()
        await page.wait_for_selector("html[data-shown]")
        assert await page.locator("html[data-awake]").count() == 1


async def test_a_key_that_is_held_down_confirms_nothing_again(desk: Windows, pool: Pool) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(2)}")
        await _awake(page)
        await page.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent("
            "'keydown', {key: 'c', repeat: true, bubbles: true, cancelable: true}))"
        )
        await page.focus("[data-key=c]")
        held = await page.evaluate(
            "document.activeElement.dispatchEvent(new KeyboardEvent("
            "'keydown', {key: 'Enter', repeat: true, bubbles: true, cancelable: true}))"
        )
        assert held is False, "a browser would press the button once more"
        assert page.url.endswith(chrono(2))
        assert (await state(pool, 2))[0] == "to_qualify"


async def test_a_double_click_confirms_one_item(desk: Windows, pool: Pool) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(2)}")
        await _awake(page)
        await page.context.add_init_script(
            "addEventListener('DOMContentLoaded', () =>"
            " document.querySelector('[data-key=c]')?.click())"
        )
        await page.click("[data-key=c]")
        await kept(page, chrono(2))
        await _awake(page)
        assert (await state(pool, 3))[0] == "to_qualify"


async def test_who_types_in_a_field_is_shown_no_key(desk: Windows, pool: Pool) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(2)}")
        await _awake(page)
        key = page.locator("button[data-key=c] kbd")
        assert await key.is_visible()
        await page.focus("[name=subject]")
        assert not await key.is_visible()
        await page.keyboard.type("carte perdue")
        await page.keyboard.press("Escape")
        assert await key.is_visible()
        await page.keyboard.press("c")
        await kept(page, chrono(2))
        assert (await state(pool, 2))[0] == "open"


async def test_a_sorting_is_confirmed_joined_set_aside_and_taken_back_by_keys(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(2)}")
        await _awake(page)
        await page.keyboard.press("c")
        await kept(page, chrono(2))
        assert await state(pool, 2) == ("open", "bmi", "titre-de-sejour")
        await _awake(page)
        await page.keyboard.press("j")
        await page.wait_for_selector("[name=into]:focus")
        await page.keyboard.type("1")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert (await state(pool, 3))[0] == "merged"
        await _awake(page)
        async with page.expect_navigation():
            await page.keyboard.press("z")
        assert (await state(pool, 3))[0] == "to_qualify"


async def test_a_letter_is_enlarged_turned_and_leafed_through_by_keys(desk: Windows) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(f"{QUEUE}/{chrono(SCAN)}")
        first, at = page.locator(".viewer figure img").first, page.locator("[data-at]")
        wide = await _size(first)
        await page.keyboard.press("+")
        assert (await _size(first))[0] == pytest.approx(wide[0] * 1.25, rel=0.02)
        await page.keyboard.press("=")
        pane = await page.evaluate("document.querySelector('.original').clientHeight")
        assert 0.7 * pane < (await _size(first))[1] < pane
        await page.keyboard.press("PageDown")
        await page.keyboard.press("PageDown")
        assert await at.text_content() == "3"
        async with page.expect_response(lambda answer: "/tourner" in answer.url) as kept:
            await page.keyboard.press(">")
        assert (await kept.value).status == 204
        await page.click("[data-does=strip]")
        await page.click(".strip button >> nth=11")
        assert await at.text_content() == "12"
        here = page.locator(".strip button[aria-current=true]")
        assert await here.all_text_contents() == ["12"], "as a screen reader says it"
        assert await page.locator(".viewer figure img >> nth=11").evaluate(IN_SIGHT)
        assert page.url.endswith(chrono(SCAN)), "no key of the viewer decides"
    async with desk.of("b.head") as reader:
        await reader.goto(f"/courrier/{chrono(SCAN)}")
        third = reader.locator(".viewer figure img >> nth=2")
        await third.scroll_into_view_if_needed()
        await third.evaluate("image => image.decode()")
        turned = await third.evaluate("image => image.naturalWidth > image.naturalHeight")
        assert turned, "the next reader sees it as it was turned"


async def _size(picture: Locator) -> tuple[float, float]:
    box = await picture.bounding_box()
    assert box is not None
    return box["width"], box["height"]
