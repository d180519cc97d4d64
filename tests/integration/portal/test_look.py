"""The look of the public's pages: either theme, from our own host, whole in every window."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser

from deploy.embedded.downloads import web
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool
from shared.platform.http import bind, serving
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import Accessibility
from shared.web.assets import FOR_EVER
from tests.desk_builders import an_applied_site
from tests.integration.desk.windows import OFFICE, PATIENCE, PHONE, THEMES
from tests.layout_faults import ZOOMED, faults, look
from tests.portal_browser import HOME, Visitor, public_pages

pytestmark = pytest.mark.usefixtures("live_site")

LOADED = re.compile(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"')
NAMED = re.compile(r"url\(([^)]+)\)")
READ = ("/formulaire", "/formulaire/donnees", "/formulaire/accessibilite")


class Dressed(AppliedRules):
    """The rules of a préfecture that chose its theme."""

    def __init__(self, theme: str = "dsfr", **more: object) -> None:
        applied = an_applied_site()
        chosen = {"theme": theme, "brand": ("Préfet", "de l’Indre"), **more}
        identity = applied.site.identity.model_copy(update=chosen)
        site = applied.site.model_copy(update={"identity": identity})
        super().__init__(applied.model_copy(update={"site": site}))

    async def if_any(self, connection: Connection) -> AppliedSite | None:
        """They never change."""
        del connection
        return self.last


@pytest.fixture
async def browser(pool: Pool, story_clock: Clock, tmp_path: Path) -> Visitor:
    pages = public_pages(pool, story_clock, tmp_path, vendor=web())
    return Visitor(replace(pages, rules=Dressed()))


async def test_a_page_carries_the_bloc_marque_and_links_to_what_the_law_asks(
    browser: Visitor,
) -> None:
    page = await browser.page("/formulaire")
    assert "Préfet<br>de l’Indre" in page
    assert 'href="/formulaire/accessibilite"' in page
    assert 'href="/formulaire/donnees"' in page
    assert "fr-header" in (await browser.get("/nulle-part")).text


async def test_the_declaration_of_accessibility_is_worded_by_the_site(
    browser: Visitor, pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    unaudited = await browser.page("/formulaire/accessibilite")
    assert "conformité\N{NO-BREAK SPACE}: non conforme" in unaudited
    assert "Aucun audit de conformité" in unaudited
    audited = Accessibility(
        state="partiellement conforme",
        text="82 % des critères <du RGAA> sont respectés.\n\n- carte : sans texte\n- menu",
    )
    rules = Dressed(accessibility=audited)
    site = Visitor(replace(public_pages(pool, story_clock, tmp_path, vendor=web()), rules=rules))
    said = await site.page("/formulaire/accessibilite")
    assert "conformité\N{NO-BREAK SPACE}: partiellement conforme" in said
    assert "<p>82 % des critères &lt;du RGAA&gt; sont respectés.</p>" in said
    assert "<li>carte : sans texte</li>" in said
    assert "<li>menu</li>" in said
    assert "Aucun audit" not in said
    assert "non conforme" not in said
    assert "Accessibilité\N{NO-BREAK SPACE}: partiellement conforme</a>" in await site.page(
        "/formulaire"
    )


async def test_without_what_set_up_brings_the_pages_are_neutral(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    bare = Visitor(replace(public_pages(pool, story_clock, tmp_path), rules=Dressed()))
    page = await bare.page("/formulaire")
    assert "fr-header" not in page
    assert 'href=""' not in page


async def test_every_sheet_font_and_picture_comes_from_us_and_stays_for_a_year(
    browser: Visitor,
) -> None:
    answer = await browser.get("/formulaire")
    policy = answer.headers["content-security-policy"]
    assert {part.split()[-1] for part in policy.split("; ")} == {"'self'", "'none'"}
    loaded = set(LOADED.findall(answer.text))
    assert all(address.startswith("/static/") for address in loaded), loaded
    for sheet in [address for address in loaded if ".css" in address]:
        text = await browser.page(sheet)
        loaded |= {urljoin(sheet, address) for address in NAMED.findall(text)}
    assert sum(".woff2" in address for address in loaded) == 3
    for address in loaded:
        found = await browser.get(address)
        assert (found.status_code, found.headers["cache-control"]) == (200, FOR_EVER), address


@pytest.fixture(params=THEMES)
async def home(
    pool: Pool, story_clock: Clock, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """Where a browser finds the pages, served as the portal serves them."""
    pages = public_pages(pool, story_clock, tmp_path, vendor=web())
    door = bind("127.0.0.1", 0)
    async with serving(door, replace(pages, rules=Dressed(str(request.param))).app):
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


async def test_nothing_is_cut_or_squeezed_in_any_window(home: str, chrome: Browser) -> None:
    context = await chrome.new_context(locale="fr-FR", base_url=home)
    context.set_default_timeout(PATIENCE)
    try:
        page, wrong = await context.new_page(), []
        for url in READ:
            answer = await page.goto(url)
            assert answer is not None
            assert answer.status == 200, url
            for size in (OFFICE, PHONE, ZOOMED):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                await look(page, f"portal-{size[0]}{url.replace('/', '-')}")
    finally:
        await context.close()
    assert not wrong, "\n".join(wrong)


async def test_whoever_is_refused_is_taken_to_the_reason_and_the_title_says_it(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser
) -> None:
    visitor = Visitor(public_pages(pool, story_clock, tmp_path))
    typed = {"page": "/formulaire", "nature": "demande", "message": ""}
    refused = await visitor.client.post("/formulaire", data=typed, headers={"origin": HOME})
    assert refused.status_code == 422
    page = await chrome.new_page()
    await page.route(
        "**/*", lambda route: route.fulfill(body=refused.text, content_type="text/html")
    )
    await page.goto("http://portal.example/formulaire")
    await page.wait_for_function("document.activeElement.className === 'refusal'", timeout=20_000)
    assert (await page.title()).startswith("Erreur\N{NO-BREAK SPACE}: ")
    await page.close()
