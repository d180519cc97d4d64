"""What agents do all day, in a real browser, with JavaScript and without."""

import pytest
from playwright.async_api import Browser

from tests.desk_builders import DAYS
from tests.e2e.browser import Person, person
from tests.e2e.house import House

pytestmark = pytest.mark.usefixtures("theme")

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
AGENT, COLLEAGUE, STRANGER = "k.haddad", "s.pinson", "o.masson"


async def _sorted(live: House, name: str) -> str:
    """The chrono of a mail that the mail office gave to the agent."""
    mail = live.mail(name)
    await live.write(mail)
    await live.settle()
    chrono = await live.chrono_of(mail)
    await live.does(
        *("desk", "qualify", chrono, "--as", "v.noel", "--service", "bmi", "--agent", AGENT)
    )
    await live.settle()
    return chrono


async def _held(live: House, chrono: str) -> str:
    """What the list of held messages calls the one of an item."""
    notice = await live.when_asked(
        "SELECT n.notice_id FROM desk.notices n JOIN desk.items i USING (item_id)"
        " WHERE i.chrono = $1 AND n.state = 'held'",
        chrono,
    )
    return f"{chrono}:{notice}"


async def _state(live: House, chrono: str) -> str:
    return str(await live.ask("SELECT state FROM desk.items WHERE chrono = $1", chrono))


async def _press(somebody: Person, name: str) -> None:
    """Presses the button of that name in the page's main part, and waits for the next page."""
    async with somebody.page.expect_navigation():
        await somebody.page.locator("main").get_by_role("button", name=name).first.click()


@BOTH
async def test_pieces_are_asked_received_and_taken_back(
    live: House, browser: Browser, *, scripts: bool
) -> None:
    chrono = await _sorted(live, "Ines Dossier")
    async with person(browser, live.desk, scripts=scripts) as karima:
        await karima.sign_in(AGENT)
        await karima.go(f"/courrier/{chrono}/repondre/_pieces")
        await karima.page.locator("input[name='pièces']").first.check()
        # A day of work, whichever day the story has come to.
        until = DAYS.add(live.now.date(), 15)
        await karima.page.fill("input[name=date_limite]", f"{until}")
        await karima.page.press("input[name=date_limite]", "Enter")
        await karima.page.wait_for_selector("text=complète")
        if scripts:  # what is pressed before the letter was in sight sends nothing
            await karima.page.wait_for_selector("html[data-awake]")
        await karima.click("button[value=envoyer]")
        await karima.page.wait_for_selector("text=La lettre part par courriel")
        await live.settle()
        # The item waits once the request has left; that can outlast the quarter of an hour.
        await live.when_asked(
            "SELECT 1 FROM desk.items WHERE chrono = $1 AND state = 'awaiting_pieces'", chrono
        )
        await karima.go(f"/courrier/{chrono}")
        await karima.look(f"pieces-{scripts}")
        await _press(karima, "Pièces reçues")
        assert await _state(live, chrono) == "open"
        # What was decided by a slip is taken back from the item's own past.
        await _press(karima, "Annuler : Pièces reçues")
        assert await _state(live, chrono) == "awaiting_pieces"


@BOTH
async def test_a_transfer_hands_the_item_over_and_nobody_else_sees_it(
    live: House, browser: Browser, *, scripts: bool
) -> None:
    chrono = await _sorted(live, "Yann Ailleurs")
    async with (
        person(browser, live.desk, scripts=scripts) as karima,
        person(browser, live.desk, scripts=scripts) as oceane,
    ):
        await karima.sign_in(AGENT)
        await oceane.sign_in(STRANGER)
        assert await oceane.go(f"/courrier/{chrono}") == 404
        assert "Yann Ailleurs" not in await oceane.text()
        await oceane.go("/recherche?q=Ailleurs")
        assert chrono not in await oceane.text()
        await karima.go(f"/courrier/{chrono}/autre-service")
        await karima.page.select_option("main select[name=service]", "bsr")
        await karima.page.locator("main form[method=post] button").last.click()
        await karima.page.wait_for_selector(f"text={chrono} :")
        assert await oceane.go(f"/courrier/{chrono}") == 200
        assert "Yann Ailleurs" in await oceane.text()


@BOTH
async def test_a_refusal_keeps_what_was_typed(
    live: House, browser: Browser, *, scripts: bool
) -> None:
    chrono = await _sorted(live, "Odile Refus")
    async with person(browser, live.desk, scripts=scripts) as karima:
        await karima.sign_in(AGENT)
        await karima.go(f"/courrier/{chrono}/attente")
        await karima.page.fill("input[name=until]", "2026-05-01")
        await karima.page.locator("main form[method=post] button").last.click()
        await karima.page.wait_for_selector("[aria-invalid=true], .refusal")
        assert await karima.page.input_value("input[name=until]") == "2026-05-01"
    assert await _state(live, chrono) == "open"


@BOTH
async def test_two_items_are_merged_and_parted_where_the_page_says_so(
    live: House, browser: Browser, *, scripts: bool
) -> None:
    first, second = await _sorted(live, "Gil Premier"), await _sorted(live, "Gil Second")
    async with person(browser, live.desk, scripts=scripts) as karima:
        await karima.sign_in(AGENT)
        await karima.go(f"/courrier/{second}/fusionner")
        await karima.page.fill("main input[name=into]", first)
        await karima.page.locator("main form[method=post] button").last.click()
        await karima.page.wait_for_selector(f"text={second} : fusionné avec {first}")
        await karima.go(f"/courrier/{second}")
        assert await _state(live, second) == "merged"
        await _press(karima, "Annuler la fusion")
        assert await _state(live, second) == "open"
        assert "Annulé : fusionné" in await karima.page.inner_text("#annonces")


@BOTH
async def test_what_is_held_leaves_several_at_once_and_what_a_reply_overtook_is_refused(
    live: House, browser: Browser, *, scripts: bool
) -> None:
    # Nobody has said who writes: the acknowledgement waits.
    leaving = [await _sorted(live, name) for name in ("Rose Retenue", "Remi Retenu")]
    moot = await _sorted(live, "Rita Retenue")
    held = [await _held(live, chrono) for chrono in (*leaving, moot)]
    async with person(browser, live.desk, scripts=scripts) as karima:
        await karima.sign_in(AGENT)
        await karima.go("/retenus")
        for value in held:
            await karima.page.check(f"[name=envoi][value='{value}']")
        await karima.look(f"held-{scripts}")
        # Meanwhile she has answered the last one by telephone.
        day = live.now.date().isoformat()
        await live.does("desk", "declare", moot, "--as", AGENT, "--day", day)
        await live.when_asked(
            "SELECT n.state <> 'held' FROM desk.notices n WHERE n.notice_id = $1::uuid",
            held[2].partition(":")[2],
        )
        await _press(karima, "Laisser partir")
        outcome = await karima.page.inner_text(".outcome")
        assert "2 envois partent." in outcome
        assert moot in outcome
        assert "Cet envoi n’est plus retenu" in outcome
    await live.settle()
    left = "SELECT count(*) FROM desk.notices n JOIN desk.items i USING (item_id)"
    simple = "i.chrono = ANY($1) AND n.kind = 'simple' AND n.state = 'sent'"
    assert await live.ask(f"{left} WHERE {simple}", leaving) == len(leaving)
    assert await live.ask(f"{left} WHERE {simple}", [moot]) == 0
