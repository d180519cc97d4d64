"""Whoever leaves the queue while a decision is under way: it is kept, or its refusal is heard."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Dialog, Page

from shared.platform.database import Pool
from tests.integration.desk.offices import QUEUE, chrono, state
from tests.integration.desk.test_queue_shown_in_a_browser import holding
from tests.integration.desk.test_queue_together_in_a_browser import (
    desk,  # noqa: F401  (a fixture)
    ready,
)
from tests.integration.desk.windows import Windows, held

pytestmark = pytest.mark.usefixtures("live_site")

PATIENCE = 120
LEAVE = "setTimeout(() => location.assign('/bureau'))"
NO_LIMIT = "AbortSignal.timeout = () => new AbortController().signal"
"""However slow the machine, no answer is given up."""


async def search(page: Page) -> None:
    await page.keyboard.press("/")
    await page.keyboard.type("Ana")
    await page.keyboard.press("Enter")


async def sign_out(page: Page) -> None:
    await page.click("form.leave button")


async def go_back(page: Page) -> None:
    await page.evaluate("history.back()")


@pytest.mark.parametrize("leave", [search, sign_out, go_back])
async def test_who_leaves_hears_first_why_a_decision_was_refused(
    desk: Windows,  # noqa: F811  (the fixture)
    pool: Pool,
    leave: Callable[[Page], Awaitable[None]],
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        await page.fill("[name=day]", "2026-12-31")
        await page.fill("[name=subject]", "Titre perdu")
        await page.press("[name=subject]", "Escape")
        async with held(page, "confirmer"):
            await page.keyboard.press("c")
            await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")
            await leave(page)
            assert await page.inner_text("h1") == chrono(2)
        await page.wait_for_selector(".refusal")
        assert await page.inner_text("h1") == chrono(1)
        assert await page.input_value("[name=subject]") == "Titre perdu"
        assert (await state(pool, 1))[0] == "to_qualify"


async def test_of_a_tab_that_is_closed_the_browser_asks_and_the_decision_is_sent_all_the_same(
    desk: Windows,  # noqa: F811  (the fixture)
    pool: Pool,
    postgres_url: str,
) -> None:
    asked = list[str]()

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await (dialog.dismiss() if len(asked) == 1 else dialog.accept())

    async with desk.of("c.lerk") as page, holding(postgres_url) as connection:
        page.on("dialog", answer)
        await page.add_init_script(NO_LIMIT)
        await page.goto(QUEUE)
        await ready(page)
        async with connection.transaction():
            # Whether the next letter is the clerk's is not answered: the decision was not sent yet.
            await connection.execute("SELECT FROM desk.queue_claims FOR UPDATE")
            async with page.expect_request("**/montrer"):
                await page.keyboard.press("c")
            for _ in range(2):
                assert await page.inner_text("h1") == chrono(2)
                async with page.expect_event("dialog"):
                    await page.evaluate(LEAVE)
            await page.wait_for_url("**/bureau")
        deadline = time.monotonic() + PATIENCE
        while (await state(pool, 1))[0] != "open":
            assert time.monotonic() < deadline, "the decision was lost"
            await asyncio.sleep(0.05)
        assert asked == ["beforeunload", "beforeunload"]
