"""An agent answers from a standard letter in a real browser, by keys, and the clock stops.

Written by the quality officer, approved by those who answer for it; accessible on the way; with
JavaScript and without.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.desk_builders import DAYS
from tests.e2e.browser import person
from tests.e2e.house import SUIVI, House, text_of

pytestmark = pytest.mark.usefixtures("letters", "theme")

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
WRITTEN = ("[name='précisions']", "[name=subject]", "[name=body]")
SAID = "Votre titre est prêt : venez le retirer sans rendez-vous."


async def _asked(live: House, name: str) -> Mapping[str, Any]:
    """A mail that the bmi has qualified, and its chrono."""
    mail = live.mail(name)
    await live.write(mail)
    await live.settle()
    chrono = await live.chrono_of(mail)
    await live.does(
        *("desk", "qualify", chrono, "--as", "v.noel", "--sender-kind", "citizen"),
        *("--service", "bmi", "--agent", "k.haddad"),
    )
    await live.settle()
    return {**mail, "chrono": chrono}


@BOTH
async def test_a_letter_is_chosen_filled_read_and_sent_with_a_few_keys(
    live: House, browser: Browser, figure: Callable[[str], None], *, scripts: bool
) -> None:
    asked = await _asked(live, "Nadia Lettre" if scripts else "Nadine Lettre")
    chrono, wrong = asked["chrono"], []
    async with person(browser, live.desk, scripts=scripts) as karima:
        await karima.sign_in("k.haddad")
        if scripts:  # axe is one
            for url in (
                "/courriers-types",
                f"/courriers-types/{SUIVI}",
                f"/courriers-types/{SUIVI}/ecrire",
                f"/courrier/{chrono}/repondre",
            ):
                await karima.go(url)
                wrong += await karima.violations()
        await karima.go(f"/courrier/{chrono}/repondre")
        began = time.monotonic()
        if scripts:
            await karima.press("1")
        else:
            await karima.click(f"main a[href$='/repondre/{SUIVI}']")
        await karima.page.wait_for_url(f"**/repondre/{SUIVI}")
        await karima.page.wait_for_selector("[name='précisions']:focus")
        await karima.write(SAID)
        await karima.press_on(*(("Escape", "v") if scripts else ("Tab", "Enter")))
        await karima.page.wait_for_selector("text=complète")
        assert SAID in await karima.page.input_value("textarea[name=body]")
        if scripts:
            wrong += await karima.violations()
        await karima.look(f"compose-{scripts}")
        if scripts:
            # The focus stands where it sends: what a key says there, no field takes.
            await karima.page.wait_for_selector("button[value=envoyer]:focus")
            await karima.page.wait_for_selector("html[data-awake]")
            held = [await karima.page.input_value(field) for field in WRITTEN]
            await karima.press("v")
            await karima.page.wait_for_selector("button[value=envoyer]:focus")
            await karima.page.wait_for_selector("html[data-awake]")
            await karima.press("e", "t", "Escape", "e")
            assert [await karima.page.input_value(field) for field in WRITTEN] == held
            await karima.press("Enter")
        else:
            await karima.click("button[value=envoyer]")
        await karima.page.wait_for_url(f"**/courrier/{chrono}")
        assert "La lettre part par courriel" in await karima.text()
        seconds = time.monotonic() - began
        keys = karima.keys - len(SAID)
    how = "" if scripts else ", without JavaScript"
    figure(f"an answer by standard letter: {keys} keys beside its words, {seconds:.1f} s{how}")
    assert wrong == []
    await live.settle()
    (answer,) = [mail for mail in await live.inbox(asked["address"]) if SAID in text_of(mail)]
    assert "Karima Haddad" in text_of(answer)
    shown = (await live.does("desk", "show", chrono, "--json")).json
    (reply,) = [fact for fact in shown["facts"] if fact["type"] == "ReplySent"]
    assert (reply["proof"], reply["template"]) == ("delivered", f"{SUIVI}@1")
    assert shown["clocks"]["reply"]["outcome"] == "kept"
    used = await live.does("desk", "letters", "used", SUIVI)
    assert f"{chrono}  {SUIVI}@1  mail" in used.output


async def test_a_free_reply_is_typed_where_it_stands_and_pieces_are_asked_by_keys(
    live: House, browser: Browser, figure: Callable[[str], None]
) -> None:
    free, asks = await _asked(live, "Nora Libre"), await _asked(live, "Nils Manque")
    until = DAYS.add(live.now.date(), 15)
    async with person(browser, live.desk) as karima:
        await karima.sign_in("k.haddad")
        await karima.go(f"/courrier/{free['chrono']}/repondre")
        await karima.press("0")
        await karima.page.wait_for_selector("[name=body]:focus")
        # What is typed takes the place of what is to be written.
        await karima.write(SAID)
        await karima.press_on("Escape", "v")
        await karima.page.wait_for_selector("text=complète")
        wrong = await karima.violations()
        await karima.look("free")
        await karima.page.wait_for_selector("button[value=envoyer]:focus")
        await karima.page.wait_for_selector("html[data-awake]")
        await karima.press("Enter")
        await karima.page.wait_for_url(f"**/courrier/{free['chrono']}")
        keys = karima.keys - len(SAID)
        figure(f"a free reply: {keys} keys beside its words")
        before = karima.keys
        await karima.go(f"/courrier/{asks['chrono']}")
        await karima.press("d")
        await karima.page.wait_for_selector("[name='pièces']:focus")
        await karima.press("1", "2", "j")
        await karima.page.fill("[name=date_limite]", f"{until}")
        await karima.page.focus("[name=date_limite]")
        wrong += await karima.violations()
        await karima.press("Enter")
        await karima.page.wait_for_selector("text=complète")
        await karima.look("pieces-asked")
        await karima.page.wait_for_selector("button[value=envoyer]:focus")
        await karima.page.wait_for_selector("html[data-awake]")
        await karima.press("Enter")
        await karima.page.wait_for_selector("text=La lettre part par courriel")
        figure(f"two pieces: {karima.keys - before + 8} keys, the date's eight among them")
    assert wrong == []
    assert keys <= 6


async def test_without_scripts_enter_in_a_field_checks_and_sends_nothing(
    live: House, browser: Browser
) -> None:
    mail = live.mail("Paul Carnet")
    await live.write(mail)
    await live.settle()
    chrono = await live.chrono_of(mail)
    await live.does("desk", "qualify", chrono, "--as", "v.noel", "--service", "bmi")
    async with person(browser, live.desk, scripts=False) as karima:
        await karima.sign_in("k.haddad")
        await karima.go(f"/courrier/{chrono}/repondre/{SUIVI}")
        await karima.page.fill("[name='précisions']", SAID)
        await karima.page.press("[name=subject]", "Enter")
        await karima.page.wait_for_load_state()
        assert SAID in await karima.page.input_value("textarea[name=body]")
    shown = (await live.does("desk", "show", chrono, "--json")).json
    assert [fact for fact in shown["facts"] if fact["type"] == "NoticeOrdered"] == []
