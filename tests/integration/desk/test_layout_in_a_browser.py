"""Full pages on an office's screen and on a phone, in both themes: nothing is cut or squeezed."""

import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page

from shared import plis
from shared.blobs import LocalBlobs
from shared.database import Pool, transaction
from shared.site import delegations_store
from tests.desk_builders import MONDAY, a_scan, a_site, certain, proposed
from tests.e2e.browser import SQUEEZED
from tests.integration.desk.findings import a_mail, read, registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.integration.desk.test_senders import LETTER
from tests.integration.desk.windows import OFFICE, PHONE, THEMES, Windows, windows

pytestmark = pytest.mark.usefixtures("live_site")

ZOOMED = (OFFICE[0] // 2, OFFICE[1] // 2)
"""The same screen at 200 %."""
LEAVE, BACK = "/bureau/departs/partir", "/bureau/retours/revenu"
INSIDE = """() => [...document.querySelectorAll("main *")]
  .filter(node => node.matches("input, select, textarea, button, label, a"))
  .filter(node => node.checkVisibility({visibilityProperty: true}))
  .filter(node => !node.closest(".visually-hidden, [aria-hidden=true]"))
  .map(node => [node.outerHTML.slice(0, 90), node.getBoundingClientRect()])
  .filter(([_, box]) => box.width && (box.left < 0 || box.right > innerWidth + 1))
  .map(([html]) => `out of the window: ${html}`)
"""
"""What a person works with stands inside the window: radios and their labels, rows of a list."""
PAGES = (
    ("c.lerk", f"{QUEUE}/{chrono(1)}"),
    ("c.lerk", f"{QUEUE}/{chrono(2)}"),
    ("c.lerk", "/bureau/retours"),
    ("c.lerk", "/retenus"),
    ("c.lerk", f"/courrier/{chrono(2)}/expediteur"),
    ("b.head", f"/courrier/{chrono(3)}"),
    ("s.general", "/delegations"),
    ("s.general", "/personne/b.head"),
    ("c.lerk", "/formulaire"),
)


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """A mail and a letter to sort, letters that came back, a mail that bounced, delegations."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    blobs = LocalBlobs(tmp_path)
    mail = wrote("Aïcha Benkirane", "Mon titre", "Bonjour.", address="aicha@orange.fr")
    letter = a_scan("s", routing=proposed(), at=MONDAY)
    key = await plis.write(blobs, 2026, letter.arrival_id, scanned(LETTER))
    paper = [a_scan(name, routing=certain()) for name in "xy"]
    await registered(pool, await a_mail(blobs, "a", mail, routing=proposed()))
    await registered(pool, letter.model_copy(update={"pli": key}))
    await registered(pool, *paper)
    await registered(pool, await a_mail(blobs, "b", mail, routing=certain()))
    await read(pool, tmp_path)
    for n in ("3", "4"):
        await clerk.send("/bureau/departs", LEAVE, {"number": n})
        fields = {"number": n, "reason": "unknown_at_address"}
        await clerk.send("/bureau/retours", BACK, fields)
    for n, what, why in ((5, "bounced", "5.1.1"), (5, "held", "expediteur-inconnu")):
        await pool.execute(
            "INSERT INTO desk.notices SELECT $1, item_id, 'receipt', 'mail', $2, $3, $4"
            " FROM desk.items WHERE chrono = $5",
            uuid4(), what, why, MONDAY, chrono(n),
        )  # fmt: skip
    days = (date(2026, 5, 1), date(2026, 12, 31))
    async with transaction(pool) as connection:
        for who, services in (("b.head", ("bmi", "dre", "juridique")), ("r.head", ())):
            one = delegations_store.read(
                who, "arrêté n° 36-2026-05-04-00001 du 4 mai 2026, article 3",
                days, services, ("reply", "holding_reply"), a_site(),
            )  # fmt: skip
            number = await delegations_store.give(connection, one, "person:q.officer", MONDAY)
        await delegations_store.end(connection, number, "person:q.officer", MONDAY)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, request.param) as one:
        yield one


async def test_what_is_full_is_whole_on_a_screen_and_on_a_phone(
    desk: Windows, request: pytest.FixtureRequest
) -> None:
    wrong = []
    theme = request.node.callspec.id  # the pictures' names
    for who in dict.fromkeys(who for who, _ in PAGES):
        async with desk.of(who) as page:
            for url in (url for one, url in PAGES if one == who):
                answer = await page.goto(url)
                assert answer is not None
                assert answer.status == 200, url
                for size in (OFFICE, PHONE, ZOOMED):
                    wrong += [f"{url} {size[0]}: {one}" for one in await _faults(page, size)]
                    await _look(page, f"{theme}-{size[0]}{url.replace('/', '-')}")
    assert not wrong, "\n".join(wrong)


async def _faults(page: Page, size: tuple[int, int]) -> list[str]:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.evaluate("scrollTo(0, 0)")
    found: list[str] = await page.evaluate(SQUEEZED, ".scroll:has(.lines)")
    found += await page.evaluate(INSIDE)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    begins = await page.evaluate("document.querySelector('main').getBoundingClientRect().top")
    if begins > size[1] * 0.65:
        found.append(f"the page begins at {begins:.0f} of {size[1]}")
    return found + ([f"{wide} pixels wide"] if wide > size[0] else [])


async def _look(page: Page, name: str) -> None:
    """A picture, where somebody asked for them."""
    if (folder := os.environ.get("VAGUEMESTRE_SCREENSHOTS")) is not None:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page="683" not in name)
