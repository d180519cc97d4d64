"""Every page of the desk in a real browser: accessible, on a phone too, without an error."""

import re
from collections.abc import AsyncIterator, Iterator
from itertools import groupby
from math import ceil
from operator import itemgetter
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage

from tests.e2e.browser import Person, person
from tests.e2e.house import House, dressed
from tests.integration.desk.authorisations import FIRST, TABLE, Row

WHO = {
    "office": "m.perrot",
    "head": "c.aubry",
    "agent": "k.haddad",
    "quality": "h.marchand",
    "secretary": "f.lemoine",
    "director": "i.fontaine",
}
PUBLIC = ("/formulaire", "/formulaire/donnees", "/formulaire/accessibilite", "/suivi")
"""The pages of the portal."""
PARTS = 4
"""The pages are many, and each test has its time; few roles of a part sign in."""
NO_PAGE = re.compile(r"\.(pdf|png|zip|odt|ics|xlsx|csv)$|/export|/direct$|retour$|fournisseur$")
"""A file, a stream, or a way to elsewhere."""


@pytest.fixture(scope="module")
async def item(live: House) -> str:
    """The address of an item of the bmi, which every page of an item is asked about."""
    mail = live.mail("Ines Lointaine")
    await live.write(mail)
    await live.settle()
    return f"/courrier/{await live.chrono_of(mail)}"


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_page_is_accessible_and_fits_a_phone(
    live: House, browser: Browser, item: str, part: int
) -> None:
    asked = [(role, url) for role in WHO for url in _asked_first_by(role)]
    size = ceil(len(asked) / PARTS)
    mine = asked[part * size : (part + 1) * size]
    assert len(mine) >= 10
    wrong = []
    for role, pages in groupby(mine, itemgetter(0)):
        async with person(browser, live.desk) as somebody:
            await somebody.sign_in(WHO[role])
            for _, url in pages:
                here = url.replace(FIRST, item).replace("a.gent", "k.haddad")
                wrong += await _faults(somebody, here, role)
    assert wrong == []


async def test_what_an_administrator_alone_opens_is_accessible_too(
    live: House, browser: Browser
) -> None:
    urls = [row.url for row in _pages() if row.allowed == "administrator"]
    assert {"/cles-api", "/sessions"} <= set(urls)
    wrong = []
    async with person(browser, live.desk) as somebody:
        await somebody.sign_in()
        for url in urls:
            wrong += await _faults(somebody, url, "administrator")
    assert wrong == []


async def test_what_is_open_to_the_public_is_accessible_too(live: House, browser: Browser) -> None:
    wrong = []
    async with person(browser, live.desk) as somebody:
        for row in _pages():
            if row.open and row.allowed:
                wrong += await _faults(somebody, row.url, "public")
    async with person(browser, live.portal) as somebody:
        for url in PUBLIC:
            wrong += await _faults(somebody, url, "public")
    assert wrong == []


@pytest.fixture
async def state_theme(live: House, tmp_path: Path) -> AsyncIterator[None]:
    """The same préfecture, which chose the theme of the State's sites; then as it was."""
    async with dressed(live, tmp_path):
        yield


@pytest.mark.usefixtures("state_theme")
async def test_in_the_theme_of_the_state_pages_are_as_accessible_and_as_narrow(
    live: House, browser: Browser, item: str
) -> None:
    wrong: list[str] = []
    async with person(browser, live.desk) as somebody:
        somebody.page.on("console", lambda said: wrong.extend(_not_loaded(said)))
        wrong += await _faults(somebody, "/connexion", "dsfr")
        fonts = "document.fonts.load('1rem Marianne').then(found => found.length)"
        assert await somebody.page.evaluate(fonts) == 1
        await somebody.sign_in(WHO["office"])
        for url in ("/bureau/a-qualifier", "/courriers", item):
            wrong += await _faults(somebody, url, "dsfr")
    async with person(browser, live.portal) as somebody:
        somebody.page.on("console", lambda said: wrong.extend(_not_loaded(said)))
        for url in PUBLIC:
            wrong += await _faults(somebody, url, "dsfr")
    assert wrong == []


def _not_loaded(said: ConsoleMessage) -> Iterator[str]:
    """What the policy refuses, or our server has not: the browser says so nowhere else."""
    if "Content Security Policy" in said.text or "/static/" in said.location["url"]:
        yield said.text


async def _faults(somebody: Person, url: str, role: str) -> list[str]:
    errors: list[str] = []
    somebody.page.once("pageerror", lambda error: errors.append(str(error)))
    status = await somebody.go(url)
    await somebody.look(f"{role}{url.partition('?')[0].replace('/', '-')}")
    found = [*errors, *await somebody.violations()]
    if status not in (200, 422):
        found.append(f"status {status}")
    return [f"{url} ({role}): {fault}" for fault in found]


def _asked_first_by(role: str) -> Iterator[str]:
    """The pages that this role may open and none before it."""
    before = list(WHO)[: list(WHO).index(role)]
    for row in _pages():
        allowed = row.allowed.split()
        if role in allowed and not row.open and not set(before) & set(allowed):
            yield row.url


def _pages() -> Iterator[Row]:
    """What a browser shows: no files, no streams."""
    for name, row in TABLE.items():
        if name.startswith("GET ") and not NO_PAGE.search(row.url.partition("?")[0]):
            yield row
