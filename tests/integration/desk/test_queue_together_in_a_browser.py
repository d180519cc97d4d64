"""The queue before a real browser: the next letter is there at once, a colleague is seen live."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from pydantic import SecretStr

from services.desk.accounts.store import sessions
from services.desk.news import News
from services.desk.pages.signin import cookies
from services.desk.store import queue_claims
from shared.facts.envelope import ItemId, PersonId
from shared.platform.database import Pool, transaction
from shared.platform.http import bind, serving
from tests.desk_browser import Browser as Asker
from tests.desk_builders import proposed
from tests.integration.desk.findings import read
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state
from tests.integration.desk.windows import LARGE, OFFICE, PHONE, Windows, kept, windows
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")

FETCHED = "html[data-ahead=yes]"
"""The next letter is in the page, unseen (static/queue.js)."""
WITHIN = """
new Promise((done) => {
  addEventListener("popstate", () => setTimeout(done), {once: true});
  location.hash = "#decider";
})
"""
"""A link within the page is followed."""
TAKE_OVER = "button:has-text('Je m’en occupe')"
PRESSED_AT_ONCE = """
document.addEventListener("vaguemestre:shown", () => {
  for (const key of "2cc2c") {
    const keys = {key, bubbles: true, cancelable: true};
    document.body.dispatchEvent(new KeyboardEvent("keydown", keys));
  }
});
"""


@pytest.fixture
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Windows]:
    """Four mails to sort, and a process that tells open pages of changes."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    await mails(pool, tmp_path, *[proposed() for _ in range(4)])
    await read(pool, tmp_path)
    news = News(SecretStr(under_role(postgres_url, "desk")))
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, "neutral") as plain:
        told = replace(plain.desk, news=news)
        following = asyncio.create_task(news.follow())
        door = bind("127.0.0.1", 0)
        async with serving(door, told.app):
            yield Windows(told, chrome, f"http://127.0.0.1:{door.getsockname()[1]}")
        following.cancel()
        await asyncio.wait([following])


async def ready(page: Page) -> None:
    await page.wait_for_selector("html[data-awake]")
    await page.wait_for_selector(FETCHED)
    await page.evaluate("window.stays = true")


async def readings(pool: Pool) -> list[str]:
    rows = await pool.fetch(
        "SELECT DISTINCT about FROM desk.journal WHERE what = 'reading' ORDER BY about"
    )
    return [row["about"] for row in rows]


async def test_the_next_letter_is_shown_without_a_page_load_and_read_only_then(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        assert await readings(pool) == [chrono(1)], "nobody has looked at the second"
        await page.keyboard.press("c")
        await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")
        assert await page.evaluate("window.stays")
        assert page.url.endswith(f"{chrono(2)}?dernier={chrono(1)}")
        await kept(page, chrono(1))
        assert await state(pool, 1) == ("open", "bmi", "titre-de-sejour")
        assert await readings(pool) == [chrono(1), chrono(2)]
        assert await page.locator("#annonces").inner_text() == (
            f"{chrono(1)}\u00a0: Bureau bmi, titre de sejour."
        )
        await page.wait_for_selector("#reste:text-is('3')")
        assert await page.evaluate("document.activeElement.className") == "original"
        # The key that takes back, and the browser's own way back.
        await ready(page)
        await page.wait_for_selector("#dernier [data-key=z]")
        await page.keyboard.press("z")
        await page.wait_for_selector(f"h1:text-is('{chrono(1)}')")
        assert (await state(pool, 1))[0] == "to_qualify"
        await page.go_back()
        await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")


async def test_what_was_decided_meanwhile_is_not_decided_of_and_goes_away_with_a_word(
    desk: Windows, pool: Pool
) -> None:
    head = await Asker(desk.desk).sign_in("c.head")
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        # Elsewhere somebody says what the second is, and takes the third before it is due.
        item = f"/courrier/{chrono(2)}"
        said = {"nature": "complaint", "category": "titre-de-sejour"}
        await head.send(f"{item}/reclasser", f"{item}/reclasser", said)
        await page.keyboard.press("c")
        await page.wait_for_selector(f"#annonces >> text={chrono(2)} a changé")
        assert await page.inner_text("h1") == chrono(2)
        assert await page.evaluate("window.stays") is None
        assert await page.locator("[name=nature]").input_value() == "complaint"
        await ready(page)
        third = ItemId(
            await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono(3))
        )
        async with transaction(pool) as connection:
            assert await queue_claims.take(connection, third, PersonId("c.head"))
        await page.keyboard.press("c")
        await page.wait_for_selector(f"#annonces >> text={chrono(3)}, affiché un instant")
        assert await page.inner_text("h1") == chrono(4)
        assert await page.evaluate("window.stays") is None
        assert [(await state(pool, n))[0] for n in (2, 3)] == ["open", "to_qualify"]
        # It was seen all the same, if for a moment.
        assert chrono(3) in await readings(pool)
        await page.reload()
        assert await page.locator("#annonces .news").count() == 0, "said once"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
async def test_whoever_takes_a_letter_over_goes_on_with_what_they_had_typed(
    desk: Windows, pool: Pool, *, scripts: bool
) -> None:
    first = f"{QUEUE}/{chrono(1)}"
    async with desk.of("c.lerk") as mine, desk.of("c.head", scripts=scripts) as theirs:
        await mine.goto(first)
        await mine.wait_for_selector("html[data-awake]")
        await theirs.goto(first)
        if scripts:
            await theirs.wait_for_selector("html[data-awake]")
        await theirs.fill("[name=subject]", "Titre perdu")
        await theirs.press("[name=subject]", "Enter")
        await theirs.wait_for_selector(".refusal >> text=C.lerk regarde le courrier")
        if scripts:
            await theirs.wait_for_selector("html[data-awake]")
        await theirs.select_option("#service", "dre")
        await theirs.click(TAKE_OVER)
        await theirs.wait_for_selector("text=en est averti")
        assert await theirs.input_value("[name=subject]") == "Titre perdu"
        assert await theirs.input_value("#service") == "dre"
        assert (await state(pool, 1))[0] == "to_qualify", "a claim decides nothing"
        if scripts:
            assert theirs.url == f"{desk.home}{first}"
            await theirs.wait_for_selector("html[data-awake]")
        await theirs.click("[data-key=c]")
        await theirs.wait_for_selector(f"h1:not(:text-is('{chrono(1)}'))")
        await theirs.wait_for_selector("#dernier >> text=Dernier trié")
        assert await state(pool, 1) == ("open", "dre", "titre-de-sejour")


async def test_a_window_whose_session_ended_asks_nothing_more(desk: Windows, pool: Pool) -> None:
    refusals = "SELECT count(*) FROM desk.journal WHERE what = 'refusal'"
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        async with transaction(pool) as connection:
            token = await sessions.begin(connection, PersonId("c.head"), "local")
        await page.context.add_cookies(
            [{"name": cookies.SESSION, "value": token, "url": desk.home}]
        )
        await page.evaluate("document.dispatchEvent(new Event('vaguemestre:news'))")
        await page.wait_for_selector("#annonces >> text=Votre session a changé")
        before = await pool.fetchval(refusals)
        assert before >= 1
        asked = list[str]()
        page.on("request", lambda request: asked.append(request.url))
        for _ in range(3):
            await page.evaluate("document.dispatchEvent(new Event('vaguemestre:news'))")
        await page.evaluate("fetch('/static/icon.svg').then(() => null)")  # what was asked is told
        assert any("icon.svg" in url for url in asked)
        assert [url for url in asked if "regarder" in url or "d-avance" in url] == []
        assert await pool.fetchval(refusals) == before


async def test_presses_meant_for_the_letter_before_decide_nothing(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        await page.evaluate(PRESSED_AT_ONCE)
        await page.keyboard.press("c")
        await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")
        await ready(page)
        assert [(await state(pool, n))[0] for n in (1, 2)] == ["open", "to_qualify"]
        assert await page.locator("[name=sender_kind]:checked").input_value() == "unknown"
        await page.evaluate(WITHIN)
        assert await page.evaluate("window.stays"), "a link within the page loads nothing"


async def test_a_refused_decision_says_why_though_the_next_letter_was_there(
    desk: Windows, pool: Pool
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        await page.keyboard.press("j")
        await page.wait_for_selector("[name=into]:focus")
        await page.keyboard.type("99")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Aucun courrier ne porte")
        assert await page.input_value("[name=into]") == "99"
        assert (await state(pool, 1))[0] == "to_qualify"


async def test_whoever_insists_is_seen_at_once_by_the_colleague_who_reads(desk: Windows) -> None:
    first = f"{QUEUE}/{chrono(1)}"
    async with desk.of("c.lerk") as mine, desk.of("c.head") as theirs:
        await mine.goto(first)
        await ready(mine)
        await theirs.goto(first)
        assert "C.lerk regarde ce courrier" in await theirs.inner_text("#regard")
        await theirs.click(TAKE_OVER)
        await theirs.wait_for_selector("text=en est averti")
        await mine.wait_for_selector("#regard >> text=s’occupe maintenant de ce courrier")
        async with theirs.expect_navigation():
            await theirs.goto(QUEUE)
        # Given up, it is free again; the list of whoever looks at another says who has which.
        await mine.goto(f"{QUEUE}/{chrono(3)}")
        await mine.wait_for_selector(
            ".queue-rows >> text=Ouvert par Camille C.head", state="attached"
        )


async def test_the_list_beside_is_walked_by_arrows_and_folded_where_there_is_no_room(
    desk: Windows,
) -> None:
    for size, unfolded in ((OFFICE, False), (PHONE, False), (LARGE, True)):
        async with desk.of("c.lerk", size) as page:
            await page.goto(QUEUE)
            await page.wait_for_selector("html[data-awake]")
            assert await page.locator(".queue-side[open]").count() == int(unfolded)
            if not unfolded:
                await page.keyboard.press(":")
            else:
                await page.locator(".queue-rows [aria-current]").focus()
            await page.wait_for_selector(".queue-rows [aria-current]:focus")
            here = await page.evaluate("document.activeElement.href")
            await page.keyboard.press("ArrowDown")
            below = await page.evaluate("document.activeElement.href")
            assert below != here
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
            assert page.url == below
