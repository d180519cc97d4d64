"""The theme of a site of the State: everything from our own host, and nothing else changes."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID

import pytest

from deploy.embedded.downloads import web
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite
from shared.web.assets import FOR_EVER
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_applied_site

pytestmark = pytest.mark.usefixtures("live_site")

LOADED = re.compile(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"')
NAMED = re.compile(r"url\(([^)]+)\)")


def _chosen(**more: object) -> AppliedSite:
    applied = an_applied_site()
    look = {"theme": "dsfr", "brand": ("Préfet", "de l’Indre"), **more}
    identity = applied.site.identity.model_copy(update=look)
    site = applied.site.model_copy(update={"identity": identity})
    return applied.model_copy(update={"site": site})


class Dressed(AppliedRules):
    """The rules of a préfecture that chose the theme."""

    def __init__(self, **more: object) -> None:
        super().__init__()
        self._chosen = _chosen(**more)

    async def if_any(self, connection: Connection) -> AppliedSite:
        del connection
        self._kept = self._chosen
        return self._kept


@pytest.fixture
async def browser(pool: Pool, story_clock: Clock, tmp_path: Path) -> Browser:
    return Browser(replace(pages(pool, story_clock, tmp_path, vendor=web()), rules=Dressed()))


async def test_a_page_carries_the_bloc_marque_and_links_to_what_the_law_asks(
    browser: Browser, pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    page = await browser.page("/connexion")
    assert "Préfet<br>de l’Indre" in page
    assert "/formulaire" not in page, "nobody said where the portal is"
    where = {"vendor": web(), "portal_url": "https://ecrire.example/"}
    known = Browser(replace(pages(pool, story_clock, tmp_path, **where), rules=Dressed()))
    page = await known.page("/connexion")
    assert 'href="https://ecrire.example/formulaire/accessibilite"' in page
    assert 'href="https://ecrire.example/formulaire/donnees"' in page


async def test_the_former_addresses_of_the_form_lead_to_the_portal_once_it_has_one(
    browser: Browser, pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    where = "https://ecrire.example"
    known = Browser(pages(pool, story_clock, tmp_path, portal_url=where))
    for path in ("/formulaire", "/formulaire/donnees", f"/formulaire/depot/{UUID(int=7)}"):
        moved = await known.get(path)
        assert (moved.status_code, moved.headers["location"]) == (308, f"{where}{path}")
        assert (await browser.get(path)).status_code == 404
    sent = await browser.client.post("/formulaire", data={"message": "Bonjour"})
    assert sent.status_code == 404


async def test_who_had_the_form_open_while_it_moved_is_told_where_to_paste_their_message(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    known = Browser(pages(pool, story_clock, tmp_path, portal_url="https://ecrire.example/"))

    async def unread() -> AsyncIterator[bytes]:
        pytest.fail("nothing is read of it here")
        yield b"message=Bonjour"

    sent = await known.client.post("/formulaire", content=unread())
    assert sent.status_code == 410
    assert "Votre message n’est pas envoyé" in sent.text
    assert "https://ecrire.example/formulaire" in sent.text


async def test_every_sheet_font_and_picture_comes_from_us_and_stays_for_a_year(
    browser: Browser,
) -> None:
    page = await browser.page("/connexion")
    loaded = set(LOADED.findall(page))
    assert all(address.startswith("/static/") for address in loaded), loaded
    for sheet in [address for address in loaded if ".css" in address]:
        text = await browser.page(sheet)
        loaded |= {urljoin(sheet, address) for address in NAMED.findall(text)}
    assert sum(".woff2" in address for address in loaded) == 3
    for address in loaded:
        answer = await browser.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FOR_EVER), address


async def test_the_policy_is_the_one_of_every_page(browser: Browser) -> None:
    policy = (await browser.get("/connexion")).headers["content-security-policy"]
    assert "data:" not in policy
    assert "unsafe" not in policy
    assert {part.split()[-1] for part in policy.split("; ")} == {"'self'", "'none'"}


async def test_what_is_not_there_is_said_in_the_same_theme(browser: Browser) -> None:
    await browser.page("/connexion")
    assert "fr-header" in (await browser.get("/nulle-part")).text


async def test_without_what_set_up_brings_the_pages_are_neutral(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    bare = Browser(replace(pages(pool, story_clock, tmp_path), rules=Dressed()))
    page = await bare.page("/connexion")
    assert "fr-header" not in page
    assert 'href=""' not in page


async def test_a_sheet_travels_packed(browser: Browser) -> None:
    (sheet,) = [
        address
        for address in LOADED.findall(await browser.page("/connexion"))
        if "dsfr.min.css" in address
    ]
    packed = await browser.get(sheet, **{"accept-encoding": "gzip"})
    plain = await browser.get(sheet, **{"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) * 4 < int(plain.headers["content-length"])
    assert packed.content == plain.content
