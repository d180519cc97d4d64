"""The next letter in a real browser while the decision before it is kept, or comes back refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared.platform.database import Pool
from tests.desk_browser import Browser as Asker
from tests.integration.desk.offices import QUEUE, chrono, state
from tests.integration.desk.test_queue_together_in_a_browser import (
    desk,  # noqa: F401  (a fixture)
    readings,
    ready,
)
from tests.integration.desk.windows import Windows, held, kept

pytestmark = pytest.mark.usefixtures("live_site")


@asynccontextmanager
async def holding(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else, beside what the pages and their pool do."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_the_next_letter_is_shown_while_the_decision_before_is_kept(
    desk: Windows,  # noqa: F811  (the fixture)
    pool: Pool,
    postgres_url: str,
) -> None:
    colleague = await Asker(desk.desk).sign_in("c.head")
    async with desk.of("c.lerk") as page, holding(postgres_url) as connection:
        await page.goto(QUEUE)
        await ready(page)
        async with connection.transaction():
            # The decision of the first waits for its row, as long as this transaction is open.
            await connection.execute(
                "SELECT FROM desk.items WHERE chrono = $1 FOR UPDATE", chrono(1)
            )
            await page.keyboard.press("c")
            await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")
            assert await page.evaluate("window.stays")
            assert "en cours d’enregistrement" in await page.inner_text("#annonces")
            assert await readings(pool) == [chrono(1), chrono(2)]
            assert (await state(pool, 1))[0] == "to_qualify"
            # It is the clerk's: a colleague reads whose, and is given another.
            assert "regarde ce courrier" in await colleague.page(f"{QUEUE}/{chrono(2)}")
            given = (await colleague.get(QUEUE)).headers["location"]
            assert given.endswith(chrono(3))
            # What is decided next waits for what was decided before.
            await page.wait_for_selector("html[data-awake]")
            await page.keyboard.press("c")
            assert await page.inner_text("h1") == chrono(2)
            assert (await state(pool, 2))[0] == "to_qualify"
        await kept(page, chrono(2))
        await page.wait_for_selector(f"h1:text-is('{chrono(4)}')")
        assert [(await state(pool, n))[0] for n in (1, 2, 4)] == ["open", "open", "to_qualify"]


async def test_of_a_letter_whose_claim_is_not_answered_nothing_is_decided(
    desk: Windows,  # noqa: F811  (the fixture)
    pool: Pool,
) -> None:
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        async with held(page, "montrer"):
            await page.keyboard.press("c")
            await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")
            assert await readings(pool) == [chrono(1)], "noted with the claim"
            await page.wait_for_selector("html[data-awake]")
            await page.keyboard.press("c")
            assert await page.inner_text("h1") == chrono(2)
            assert [(await state(pool, n))[0] for n in (1, 2)] == ["to_qualify", "to_qualify"]
        # Answered, both are kept, one after the other.
        await kept(page, chrono(2))
        assert await readings(pool) == [chrono(n) for n in (1, 2, 3)]
        assert [(await state(pool, n))[0] for n in (1, 2, 3)] == ["open", "open", "to_qualify"]


async def test_a_letter_that_was_fetched_and_is_reserved_by_now_is_never_shown(
    desk: Windows,  # noqa: F811  (the fixture)
    pool: Pool,
) -> None:
    colleague, item = await Asker(desk.desk).sign_in("c.head"), f"/courrier/{chrono(2)}"
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        await colleague.send(item, f"{item}/reclasser", {"confidentiality": "reserve"})
        await page.wait_for_selector("html[data-ahead=none]")
        await page.keyboard.press("c")
        await page.wait_for_selector(f"h1:text-is('{chrono(2)}')")
        assert await page.evaluate("window.stays") is None, "the register itself led there"
        assert (await state(pool, 1))[0] == "open"


async def test_a_decision_that_is_refused_brings_its_letter_back(
    desk: Windows,  # noqa: F811  (the fixture)
    pool: Pool,
) -> None:
    colleague = await Asker(desk.desk).sign_in("c.head")
    async with desk.of("c.lerk") as page:
        await page.goto(QUEUE)
        await ready(page)
        await page.fill("[name=day]", "2026-12-31")
        await page.fill("[name=subject]", "Titre perdu")
        await page.press("[name=subject]", "Escape")
        await page.keyboard.press("c")
        await page.wait_for_selector(".refusal")
        assert await page.inner_text("h1") == chrono(1)
        assert await page.input_value("[name=subject]") == "Titre perdu"
        assert [(await state(pool, n))[0] for n in (1, 2)] == ["to_qualify", "to_qualify"]
        # Nobody looks at the second any more.
        assert "regarde ce courrier" not in await colleague.page(f"{QUEUE}/{chrono(2)}")
