"""A complaint from the public form to its stopped clock, through every process.

Written in a real browser, with JavaScript and without.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser

from tests.e2e.browser import Person, person
from tests.e2e.house import SOON, STEP, House, text_of

pytestmark = pytest.mark.usefixtures("theme")

CHRONO = re.compile(r"36-2026-A-\d{6}")
FOLLOW = "**/formulaire/depot/*"
ADDED = "**/suivi/*/*/ajout/*"
CHOSEN = "document.querySelector('#fichiers').files[0].size"
"""Octets of the file in the form: a script puts a smaller photo in the place of a large one."""
SAID = "Personne ne répond au standard, trois matins de suite. C’est pénible."


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "without"])
async def complaint(
    live: House, browser: Browser, theme: str, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Written in a browser with JavaScript or without, its page followed to the chrono."""
    scripts = bool(request.param)
    name = "Lucienne Morvan" if scripts else "Lucien Kermarrec"
    address = f"{name.lower().replace(' ', '.')}.{theme}@courriel.example"
    live.strangers += [name, address, SAID]
    async with person(browser, live.portal, scripts=scripts) as somebody:
        await somebody.go("/formulaire")
        assert "3114" in await somebody.text()
        await somebody.page.check("#nature-reclamation")
        await somebody.page.select_option("#theme", "telephone")
        await somebody.page.check("#agent")
        await somebody.page.fill("#message", SAID)
        await somebody.page.fill("#nom", name)
        await somebody.page.fill("#courriel", address)
        began = time.monotonic()
        await somebody.page.click("form.write button")
        await somebody.page.wait_for_url(FOLLOW)
        page = await followed(somebody, scripts=scripts)
        waited = time.monotonic() - began
    return {
        "address": address,
        "chrono": chrono_in(page),
        "name": name,
        "page": page,
        "scripts": scripts,
        "seconds": f"{waited:.1f}",
    }


async def followed(somebody: Person, *, scripts: bool) -> str:
    """What the page of a deposit says once it has the chrono; without scripts it is asked again."""
    if scripts:
        await somebody.page.wait_for_selector(f"text=/{CHRONO.pattern}/", timeout=SOON * 1000)
        return await somebody.text()
    async with asyncio.timeout(SOON):
        while not CHRONO.search(said := await somebody.text()):
            await somebody.page.click("main a:has-text('Afficher de nouveau')")
    return said


def chrono_in(page: str) -> str:
    """The chrono that a page shows."""
    found = CHRONO.search(page)
    assert found is not None, page
    return found[0]


async def test_the_page_that_follows_shows_the_chrono_and_nothing_that_was_written(
    complaint: dict[str, Any], figure: Callable[[str], None]
) -> None:
    assert "Lucien" not in complaint["page"]
    assert "standard" not in complaint["page"]
    how = "" if complaint["scripts"] else ", without JavaScript"
    figure(
        f"public form: its page shows the chrono after {complaint['seconds']} s (wished: 5){how}"
    )


async def test_a_complaint_about_an_agent_is_the_heads_and_reserved(
    live: House, complaint: dict[str, Any]
) -> None:
    shown = (await live.does("desk", "show", complaint["chrono"], "--json")).json
    (registered,) = [fact for fact in shown["facts"] if fact["type"] == "ItemRegistered"]
    assert registered["classification"]["nature"] == "complaint"
    assert registered["classification"]["confidentiality"] == "reserve"
    assert (registered["service"], registered["agent"]) == ("dcl", None)
    assert registered["informed"] == ["h.marchand"], "the quality officer has it in copy"
    assert (shown["channel"], shown["received_on"]) == ("form", f"{live.now:%Y-%m-%d}")


async def test_an_agent_of_another_service_sees_nothing_of_a_complaint(
    live: House, browser: Browser, complaint: dict[str, Any]
) -> None:
    chrono, name = complaint["chrono"], complaint["name"]
    async with person(browser, live.desk, scripts=complaint["scripts"]) as oceane:
        await oceane.sign_in("o.masson")
        for path, status in (
            (f"/courrier/{chrono}", 404),
            (f"/courrier/{chrono}/preuve", 404),
            (f"/recherche?q={chrono}", 200),
            (f"/recherche?q={name.split()[1]}", 200),
            ("/courriers?qui=tous", 200),
        ):
            assert await oceane.go(path) == status, path
            said = await oceane.text()
            assert name not in said, path
            assert SAID[:20] not in said, path
            assert await oceane.page.locator(f"a[href='/courrier/{chrono}']").count() == 0
    async with person(browser, live.desk, scripts=complaint["scripts"]) as isabelle:
        await isabelle.sign_in("i.fontaine")
        assert await isabelle.go(f"/courrier/{chrono}") == 200
        assert name in await isabelle.text()


async def test_its_sender_has_a_receipt_and_its_reply_stops_the_clock_of_complaints(
    live: House, browser: Browser, complaint: dict[str, Any], tmp_path: Path
) -> None:
    await live.settle()
    (receipt,) = await live.inbox(complaint["address"])
    assert complaint["chrono"] in str(receipt["Subject"])
    assert "17" in text_of(receipt)
    assert "Pas encore de réponse" in await typed_in(live, browser, complaint, text_of(receipt))
    chrono = complaint["chrono"]
    await live.does("desk", "qualify", chrono, "--as", "i.fontaine", "--sender-kind", "citizen")
    await live.does("desk", "depart", chrono, "--as", "v.noel")
    await live.settle()
    sheet = (await live.does("sla", "explain", chrono, "--json")).json
    (reply,) = [clock for clock in sheet["clocks"] if clock["clock"] == "reply"]
    assert reply["commitment"] == "reponse-reclamation"
    assert (reply["stop"]["outcome"], reply["stop"]["raw"]) == ("kept", 0)
    assert "Nous vous avons répondu" in await typed_in(live, browser, complaint, text_of(receipt))
    other = await not_answered(live, browser, complaint, text_of(receipt), tmp_path / "photo.jpg")
    assert other != chrono, "of a letter that has ended it is another, linked, which a person reads"
    shown = (await live.does("desk", "show", other, "--json")).json
    (registered,) = [fact for fact in shown["facts"] if fact["type"] == "ItemRegistered"]
    assert registered["automatic"] == "no-address"


async def not_answered(
    live: House, browser: Browser, complaint: dict[str, Any], receipt: str, photo: Path
) -> str:
    """Says so on the page of the letter, with a telephone's photo; the chrono that it gets."""
    Image.effect_noise((4000, 3000), 60).save(photo, quality=90)
    large = await asyncio.to_thread(os.path.getsize, photo)
    assert large > 5 * 1024 * 1024
    link = re.search(rf"{re.escape(live.portal)}(/suivi/\S+)", receipt)
    assert link is not None, receipt
    async with person(browser, live.portal, scripts=complaint["scripts"]) as somebody:
        await somebody.go(link[1])
        await somebody.page.fill("#message", "Votre lettre parle d’un autre jour.")
        await somebody.page.set_input_files("#fichiers", photo)
        if complaint["scripts"]:
            async with asyncio.timeout(SOON):
                while await somebody.page.evaluate(CHOSEN) >= large:  # noqa: ASYNC110  (the browser's)
                    await asyncio.sleep(STEP)
        await somebody.page.click("form.write button")
        await somebody.page.wait_for_url(ADDED)
        if complaint["scripts"]:  # axe is one
            assert await somebody.violations() == []
        deposit = somebody.page.url.rpartition("/")[2]
        await somebody.page.click("main a:has-text('Revenir à votre demande')")
        await somebody.page.wait_for_url(f"**{link[1]}")
        if complaint["scripts"]:  # axe is one
            assert await somebody.violations() == []
        await somebody.go(f"/formulaire/depot/{deposit}")
        return chrono_in(await followed(somebody, scripts=complaint["scripts"]))


async def typed_in(live: House, browser: Browser, complaint: dict[str, Any], receipt: str) -> str:
    """What the page says to whoever types number and code of their receipt; as its link does."""
    code = re.search(r"votre code\s: ([A-Z2-7-]+)", receipt)
    link = re.search(rf"{re.escape(live.portal)}(/suivi/\S+)", receipt)
    assert code is not None, receipt
    assert link is not None, receipt
    async with person(browser, live.portal, scripts=complaint["scripts"]) as somebody:
        await somebody.go("/suivi")
        await somebody.page.fill("#numero", complaint["chrono"])
        await somebody.page.fill("#code", "AAAA-BBBB-CC")
        await somebody.page.click("form.write button")
        await somebody.page.wait_for_selector("[role=alert]")
        assert "Nous ne trouvons pas de demande" in await somebody.text()
        if complaint["scripts"]:  # axe is one
            assert await somebody.violations() == []
        await somebody.page.fill("#code", code[1].lower())
        await somebody.page.click("form.write button")
        await somebody.page.wait_for_url("**/suivi/*/*")
        said = await somebody.text()
        if complaint["scripts"]:  # axe is one
            assert await somebody.violations() == []
        await somebody.look(f"suivi-{'repondu' if 'répondu' in said else 'recu'}")
        await somebody.go(link[1])
        assert await somebody.text() == said
        assert complaint["name"] not in said
        assert SAID[:20] not in said
    return said


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
async def test_a_suggestion_with_a_picture_gets_its_chrono(
    live: House, browser: Browser, tmp_path: Path, *, scripts: bool
) -> None:
    picture = tmp_path / "panneau.png"
    Image.new("RGB", (60, 40), "white").save(picture)
    async with person(browser, live.portal, scripts=scripts) as somebody:
        await somebody.go("/formulaire")
        await somebody.page.check("#nature-suggestion")
        await somebody.page.fill("#message", "Un panneau plus grand à l’entrée aiderait.")
        await somebody.page.set_input_files("#fichiers", picture)
        await somebody.page.click("form.write button")
        await somebody.page.wait_for_url(FOLLOW)
        chrono = chrono_in(await followed(somebody, scripts=scripts))
    shown = (await live.does("desk", "show", chrono, "--json")).json
    (registered,) = [fact for fact in shown["facts"] if fact["type"] == "ItemRegistered"]
    assert registered["classification"]["nature"] == "suggestion"
    assert registered["automatic"] == "no-address"
