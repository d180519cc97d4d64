"""A page says before that its session ends, and one press keeps it (RGAA 13.1)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser as Visitor
from tests.desk_browser import pages
from tests.integration.desk.windows import windows

pytestmark = pytest.mark.usefixtures("live_site")

QUIET = "UPDATE desk.sessions SET seen_at = now() - interval '115 minutes'"
KEPT = "SELECT seen_at > now() - interval '10 minutes' FROM desk.sessions"


async def test_a_page_warns_before_its_session_ends_and_one_press_keeps_it(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser
) -> None:
    async with (
        windows(pool, story_clock, tmp_path, chrome, "neutral") as desk,
        desk.of("a.gent") as page,
    ):
        await page.clock.install()
        await page.goto("/moi")
        await page.clock.fast_forward("01:50:00")
        assert await page.locator(".ending").count() == 0
        await pool.execute(QUIET)
        await page.clock.fast_forward("04:30")
        assert "Votre session se termine à" in await page.inner_text(".ending [role=alert]")
        await page.keyboard.press("Tab")
        await page.wait_for_selector(".ending button:focus")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".ending", state="detached")
        await page.wait_for_selector("#contenu:focus")
        assert await pool.fetchval(KEPT)
        await page.clock.fast_forward("01:50:00")
        assert await page.locator(".ending").count() == 0
        await page.clock.fast_forward("09:30")
        assert "Votre session est terminée" in await page.inner_text(".ending [role=alert]")
        assert await page.get_attribute(".ending a", "href") == page.url


async def test_who_asks_to_stay_stays_two_hours_more_and_never_beyond_twenty(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    clerk = await Visitor(pages(pool, story_clock, tmp_path)).sign_in("c.lerk")
    for began, most in ((9, 120), (19, 60)):
        await pool.execute(
            "UPDATE desk.sessions SET seen_at = now() - interval '110 minutes',"
            " began_at = now() - $1::interval, ends_at = now() + interval '4 minutes'",
            timedelta(hours=began),
        )
        page = await clerk.page("/bureau")
        said = re.search(r'data-session="7200 (\d+)"', page)
        assert said is not None
        assert 200 < int(said[1]) <= 240
        stayed = await clerk.send("/bureau", "/sessions/rester")
        assert stayed.status_code == 204
        assert most * 60 - 10 < int(stayed.headers["session-seconds"]) <= most * 60
        left = await pool.fetchval(
            "SELECT extract(epoch FROM ends_at - now())::float / 60 FROM desk.sessions"
        )
        assert most - 1 < left <= most
    stranger = await clerk.client.post("/sessions/rester", data={"jeton": "x"})
    assert stranger.status_code == 403
