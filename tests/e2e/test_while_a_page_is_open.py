"""A list that stays open follows the register while an item becomes late."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import person
from tests.e2e.house import House

pytestmark = pytest.mark.usefixtures("theme")


async def test_an_item_goes_late_under_the_eyes_of_its_agent(live: House, browser: Browser) -> None:
    mail = live.mail("Lise Patiente")
    await live.write(mail)
    await live.settle()
    chrono = await live.chrono_of(mail)
    await live.does(
        *("desk", "qualify", chrono, "--as", "v.noel", "--service", "bmi", "--agent", "k.haddad")
    )
    await live.settle()
    row = f"tr:has(a[href='/courrier/{chrono}'])"
    async with (
        person(browser, live.desk) as karima,
        person(browser, live.desk, scripts=False) as without,
    ):
        for visitor in (karima, without):
            await visitor.sign_in("k.haddad")
            await visitor.go("/courriers")
            assert "retard" not in await visitor.page.inner_text(row)
        # An email has five jours ouvrés: after twelve days it is late, whatever feasts there are.
        for _ in range(12):
            await live.until(live.now + timedelta(days=1))
        await karima.page.wait_for_selector(f"{row}:has-text('retard')")
        # Without JavaScript a page follows nothing: it is as true as when it was asked for.
        assert "retard" not in await without.page.inner_text(row)
        await without.page.reload()
        assert "retard" in await without.page.inner_text(row)
