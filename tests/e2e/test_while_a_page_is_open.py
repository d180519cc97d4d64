"""A list that stays open follows the register: runs last, since its story goes a week ahead."""

from datetime import timedelta

from playwright.async_api import Browser

from tests.e2e.browser import person
from tests.e2e.house import House


async def test_an_item_goes_late_under_the_eyes_of_its_agent(live: House, browser: Browser) -> None:
    mail = live.mail("Lise Patiente")
    await live.write(mail)
    await live.settle()
    chrono = await live.chrono_of(mail)
    await live.does(
        *("desk", "qualify", chrono, "--as", "v.noel", "--service", "bmi", "--agent", "k.haddad")
    )
    await live.settle()
    async with person(browser, live.desk) as karima:
        await karima.sign_in("k.haddad")
        await karima.go("/courriers")
        row = karima.page.locator(f"tr:has(a[href='/courrier/{chrono}'])")
        assert "retard" not in await row.inner_text()
        # An email has five jours ouvrés: after twelve days it is late, whatever feasts there are.
        for _ in range(12):
            await live.until(live.now + timedelta(days=1))
        await karima.page.wait_for_selector(
            f"tr:has(a[href='/courrier/{chrono}']):has-text('retard')"
        )
