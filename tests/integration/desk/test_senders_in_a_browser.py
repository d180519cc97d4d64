"""Who writes, and what is held, before a real browser in both themes: keys alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import BlobKey
from shared.platform.database import Pool
from tests.desk_builders import MONDAY, a_scan, proposed
from tests.integration.desk.findings import a_mail, registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.integration.desk.test_senders import LETTER, kind_of, noted
from tests.integration.desk.windows import LARGE, OFFICE, PHONE, THEMES, Windows, kept, windows

pytestmark = pytest.mark.usefixtures("live_site")

FRENCH = """
([key, code]) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", {key, code, bubbles: true, cancelable: true}))
"""
"""A key as a French keyboard gives it: « é » where it shows a 2."""
CHOSEN = "document.querySelector('[name=sender_kind]:checked').value"


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """A mail of a person, a mail of a firm, and a scanned letter."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    blobs = LocalBlobs(tmp_path)
    person = wrote("Aïcha Benkirane", "Mon titre", "Bonjour.", address="aicha@orange.fr")
    firm = wrote("Garage Petit", "Carte grise", "Bonjour.", address="contact@garage.example")
    scan = a_scan("s", routing=proposed(), at=MONDAY)
    key = await plis.write(blobs, 2026, scan.arrival_id, scanned(LETTER))
    for arrival in (
        await a_mail(blobs, "a", person, routing=proposed()),
        await a_mail(blobs, "b", firm, routing=proposed()),
        scan.model_copy(update={"pli": key}),
    ):
        await registered(pool, arrival)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, request.param) as one:
        yield one


async def _sort(page: Page, number: int) -> None:
    await page.goto(f"{QUEUE}/{chrono(number)}")
    await page.wait_for_selector("html[data-awake]")


async def test_who_writes_is_said_with_one_key_and_goes_with_the_one_that_confirms(
    desk: Windows, pool: Pool, tmp_path: Path
) -> None:
    async with desk.of("c.lerk") as page:
        await _sort(page, 1)
        assert await page.evaluate(CHOSEN) == "citizen"
        await page.keyboard.press("c")
        await kept(page, chrono(1))
        assert (await kind_of(pool, 1)) == "citizen"
        await _sort(page, 2)
        assert await page.evaluate(CHOSEN) == "unknown"
        await page.evaluate(FRENCH, ["é", "Digit2"])
        assert await page.evaluate(CHOSEN) == "association"
        await page.keyboard.press("3")
        assert await page.evaluate(CHOSEN) == "company"
        await page.keyboard.press("c")
        await kept(page, chrono(2))
        assert (await kind_of(pool, 2)) == "company"
        assert await noted(pool) == []
        await _sort(page, 3)
        line = page.locator(".sender summary")
        assert "Mme Jeanne Martin, 12, rue des Lavandières" in await line.inner_text()
        await page.keyboard.press("!")
        await page.wait_for_selector("[name=sender_name]:focus")
        await page.keyboard.press("End")
        await page.keyboard.type("e")
        await page.keyboard.press("Escape")
        await page.keyboard.press("c")
        await kept(page, chrono(3))
    (key,) = await noted(pool)
    pli = await plis.read(LocalBlobs(tmp_path), BlobKey(key))
    assert pli.addressee.name == "Mme Jeanne Martine"


async def test_what_is_held_is_ticked_and_let_go_by_keys(desk: Windows, pool: Pool) -> None:
    for n, kind, why in (
        (1, "simple", "expediteur-inconnu"),
        (2, "receipt", "no_rule"),
        (3, "pieces", "no_address"),
    ):
        await pool.execute(
            "INSERT INTO desk.notices SELECT $1, item_id, $2, 'mail', 'held', $3, $4"
            " FROM desk.items WHERE chrono = $5",
            uuid4(), kind, why, MONDAY, chrono(n),
        )  # fmt: skip
    async with desk.of("c.lerk") as page:
        await page.goto("/bureau")
        tile = page.locator(".tiles a", has_text="envois retenus")
        assert "3" in await tile.inner_text()
        await tile.click()
        await page.wait_for_selector("[data-tick-all]:visible")
        for size in (PHONE, OFFICE, LARGE):
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            assert await page.evaluate("document.body.scrollWidth <= innerWidth")
        await page.keyboard.press("a")
        async with page.expect_navigation():
            await page.keyboard.press("l")
        said = await page.locator(".outcome").inner_text()
        assert "2 envois partent." in said
        assert f"Aucune adresse électronique n’est connue pour {chrono(3)}" in said
        assert await page.locator("[name=envoi]:checked").count() == 1
    released = "SELECT count(*) FROM desk.facts WHERE type = 'NoticeReleased'"
    assert await pool.fetchval(released) == 2
