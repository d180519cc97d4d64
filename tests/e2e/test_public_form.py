"""A complaint from the public form to its stopped clock, through every process."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser

from tests.e2e.browser import person
from tests.e2e.house import House, text_of

CHRONO = re.compile(r"36-2026-A-\d{6}")
SAID = "Personne ne répond au standard, trois matins de suite. C’est pénible."


@pytest.fixture(scope="module")
async def complaint(live: House) -> dict[str, str]:
    """Sent as a browser sends it, its page followed to the chrono."""
    address = "lucienne.morvan@courriel.example"
    live.strangers += ["Lucienne Morvan", address, SAID]
    home = f"http://127.0.0.1:{live.run['http_ports']['desk']}"
    async with httpx.AsyncClient(base_url=home, headers={"origin": home}, timeout=30) as browser:
        form = (await browser.get("/formulaire")).text
        assert "3114" in form
        sent = await browser.post(
            "/formulaire",
            data={
                "depot": str(uuid4()),
                "page": "/formulaire",
                "nature": "reclamation",
                "theme": "telephone",
                "agent": "oui",
                "message": SAID,
                "nom": "Lucienne Morvan",
                "courriel": address,
            },
        )
        assert sent.status_code == 303, sent.text
        began = time.monotonic()
        follow = (await browser.get(sent.headers["location"])).text
        waited = time.monotonic() - began
    found = CHRONO.search(follow)
    return {
        "address": address,
        "chrono": "" if found is None else found[0],
        "page": follow,
        "seconds": f"{waited:.1f}",
    }


async def test_the_page_that_follows_shows_the_chrono_and_nothing_that_was_written(
    complaint: dict[str, str], figure: Callable[[str], None]
) -> None:
    assert complaint["chrono"], complaint["page"]
    assert "Lucienne" not in complaint["page"]
    assert "standard" not in complaint["page"]
    figure(f"public form: its page shows the chrono after {complaint['seconds']} s (wished: 5)")


async def test_a_complaint_about_an_agent_is_the_heads_and_reserved(
    live: House, complaint: dict[str, str]
) -> None:
    shown = (await live.does("desk", "show", complaint["chrono"], "--json")).json
    (registered,) = [one for one in shown["facts"] if one["type"] == "ItemRegistered"]
    assert registered["classification"]["nature"] == "complaint"
    assert registered["classification"]["confidentiality"] == "reserve"
    assert (registered["service"], registered["agent"]) == ("dcl", None)
    assert registered["informed"] == ["h.marchand"], "the quality officer has it in copy"
    assert (shown["channel"], shown["received_on"]) == ("form", f"{live.now:%Y-%m-%d}")


async def test_its_sender_has_a_receipt_and_its_reply_stops_the_clock_of_complaints(
    live: House, complaint: dict[str, str]
) -> None:
    await live.settle()
    (receipt,) = await live.inbox(complaint["address"])
    assert complaint["chrono"] in str(receipt["Subject"])
    assert "17" in text_of(receipt)
    chrono = complaint["chrono"]
    await live.does("desk", "qualify", chrono, "--as", "i.fontaine", "--sender-kind", "citizen")
    await live.does("desk", "depart", chrono, "--as", "v.noel")
    await live.settle()
    sheet = (await live.does("sla", "explain", chrono, "--json")).json
    (reply,) = [one for one in sheet["clocks"] if one["clock"] == "reply"]
    assert reply["commitment"] == "reponse-reclamation"
    assert (reply["stop"]["outcome"], reply["stop"]["raw"]) == ("kept", 0)


async def test_in_chromium_without_javascript_a_suggestion_with_a_picture_gets_its_chrono(
    live: House, browser: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "panneau.png"
    Image.new("RGB", (60, 40), "white").save(picture)
    async with person(browser, live.desk, scripts=False) as somebody:
        await somebody.go("/formulaire")
        await somebody.page.check("#nature-suggestion")
        await somebody.page.fill("#message", "Un panneau plus grand à l’entrée aiderait.")
        await somebody.page.set_input_files("#fichiers", picture)
        await somebody.page.click("form.write button")
        await somebody.page.wait_for_url("**/formulaire/depot/*")
        said = await somebody.text()
    found = CHRONO.search(said)
    assert found is not None, said
    shown = (await live.does("desk", "show", found[0], "--json")).json
    (registered,) = [one for one in shown["facts"] if one["type"] == "ItemRegistered"]
    assert registered["classification"]["nature"] == "suggestion"
    assert registered["automatic"] == "no-address"
