"""The server takes what its own page offered, and confirms only what that page showed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from deploy.embedded.downloads import web
from services.desk.pages.renderer import TEMPLATES
from shared.platform.database import Pool
from tests.desk_browser import Browser, drawn, offers, pages
from tests.desk_builders import proposed
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state
from tests.integration.desk.windows import Themed

pytestmark = pytest.mark.usefixtures("live_site")

FIRST, SECOND = f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(2)}"
CONFIRM = f"{FIRST}/confirmer"
PROPOSED = ("to_qualify", "bmi", "titre-de-sejour")
SORTED = ("open", "bmi", "titre-de-sejour")
OTHER = "n’est pas, ou n’est plus, tel que la page le montrait"


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    await mails(pool, tmp_path, proposed(), proposed())
    return await a_clerk(pool, postgres_url, tmp_path)


async def _dressed(browser: Browser, folder: Path, theme: str, **more: object) -> Browser:
    """The same clerk before the pages of another theme."""
    there = browser.pages
    desk = pages(there.pool, there.clock, folder, vendor=web())
    return await Browser(replace(desk, rules=Themed(theme), **more)).sign_in("c.lerk")  # type: ignore[arg-type]  # unpacked, each of its own type


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
async def test_untouched_the_form_confirms_what_the_rule_proposed_in_every_theme(
    pool: Pool, browser: Browser, tmp_path: Path, theme: str
) -> None:
    clerk = await _dressed(browser, tmp_path, theme)
    page = await clerk.page(FIRST)
    assert ("fr-header" in page) == (theme == "dsfr")
    held = drawn(page, CONFIRM)
    assert (held["service"], held["category"]) == ("bmi", "titre-de-sejour")
    assert (await clerk.send(FIRST, CONFIRM, held)).status_code == 303
    assert await state(pool, 1) == SORTED


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
async def test_a_standard_letter_names_its_own_service_in_every_theme(
    browser: Browser, tmp_path: Path, theme: str
) -> None:
    clerk = await _dressed(browser, tmp_path, theme)
    head = await Browser(clerk.pages).sign_in("b.head")
    written = {
        "id": "essai",
        "service": "bmi",
        "title": "Essai",
        "kind": "reply",
        "subject": "Essai",
        "body": "Bonjour.",
    }
    await head.send("/courriers-types/nouveau", "/courriers-types/nouveau", written)
    page = BeautifulSoup(await head.page("/courriers-types/essai"), "html.parser")
    said = {tag.dt.text: tag.dd.text for tag in page.select("dl.summary div") if tag.dt and tag.dd}
    assert said["Service"] == "Bureau bmi"


BROKEN: Mapping[str, str] = {
    "layout": (TEMPLATES / "base.html")
    .read_text()
    .replace("<body", '{% set service = "Registre du courrier" %}<body'),
}


async def test_a_layout_that_took_the_name_again_would_sort_nothing(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    """The fault of the first version, brought back on purpose."""
    assert "{% set service" in BROKEN["layout"]
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "base.html").write_text(BROKEN["layout"])
    folders = (tmp_path / "templates", TEMPLATES)
    clerk = await _dressed(browser, tmp_path, "neutral", templates=folders)
    page = await clerk.page(FIRST)
    held = drawn(page, CONFIRM)
    assert held["service"] == "bmi", "the list is drawn of a name of its own; what stands is not"
    refused = await clerk.send(FIRST, CONFIRM, held)
    assert (refused.status_code, OTHER in refused.text) == (422, True)
    assert await state(pool, 1) == PROPOSED


@pytest.mark.parametrize(
    "chosen",
    [
        {"service": "nulle-part"},
        {"vers": "nulle-part"},
        {"category": "nulle-part"},
        {"nature": "nulle-part"},
        {"confidentiality": "nulle-part"},
    ],
    ids=lambda one: next(iter(one)),
)
async def test_a_choice_that_the_page_did_not_offer_is_refused(
    pool: Pool, browser: Browser, chosen: Mapping[str, str]
) -> None:
    refused = await browser.send(FIRST, CONFIRM, chosen)
    assert refused.status_code == 422
    assert "Cette page ne proposait pas ce choix" in refused.text
    assert await state(pool, 1) == PROPOSED


async def test_a_key_of_a_service_that_the_page_did_not_draw_is_refused(
    pool: Pool, browser: Browser
) -> None:
    """`dre` is a service of the site, but no button of this page gives to it."""
    await browser.send(SECOND, f"{SECOND}/confirmer")
    page = await browser.page(FIRST)
    assert 'name="vers" value="dre"' not in page
    refused = await browser.send(FIRST, CONFIRM, {"vers": "dre"})
    assert refused.status_code == 422
    assert await state(pool, 1) == PROPOSED


async def test_a_confirmation_that_says_not_what_its_page_showed_is_refused(
    pool: Pool, browser: Browser
) -> None:
    refused = await browser.send(FIRST, CONFIRM, offre="")
    assert (refused.status_code, OTHER in refused.text) == (422, True)
    assert await state(pool, 1) == PROPOSED


async def test_an_offer_that_no_page_of_the_session_made_is_refused(
    pool: Pool, browser: Browser
) -> None:
    colleague = await Browser(browser.pages).sign_in("c.lerk")
    theirs = offers(await colleague.page(FIRST), CONFIRM)
    assert (await browser.send(FIRST, CONFIRM, {"offre": theirs})).status_code == 403
    forged = [f"{offer.partition('.')[0]}.{'0' * 64}" for offer in theirs]
    assert (await browser.send(FIRST, CONFIRM, {"offre": forged})).status_code == 403
    assert await state(pool, 1) == PROPOSED


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("confirmer", {}),
        ("joindre", {"into": "1"}),
        ("ecarter", {"why": "reason:sans-suite"}),
    ],
)
async def test_a_decision_about_another_item_than_the_one_shown_is_refused(
    pool: Pool, browser: Browser, what: str, fields: Mapping[str, str]
) -> None:
    shown = offers(await browser.page(FIRST), f"{FIRST}/{what}")
    refused = await browser.send(SECOND, f"{SECOND}/{what}", {**fields, "offre": shown})
    assert refused.status_code == 422
    assert f"Le courrier {chrono(2)} {OTHER}" in refused.text
    assert await state(pool, 2) == PROPOSED


async def test_what_a_colleague_changed_meanwhile_is_shown_before_it_is_confirmed(
    pool: Pool, browser: Browser
) -> None:
    seen = await browser.page(FIRST)
    held = drawn(seen, CONFIRM)
    head = await Browser(browser.pages).sign_in("d.rector")
    moved = f"/courrier/{chrono(1)}/reclasser"
    await head.send(moved, moved, {"category": "association", "nature": "request"})
    stood = await state(pool, 1)
    assert stood[2] == "association"
    refused = await browser.send(FIRST, CONFIRM, {**held, "offre": offers(seen, CONFIRM)})
    assert (refused.status_code, OTHER in refused.text) == (422, True)
    assert drawn(refused.text, CONFIRM)["category"] == "association"
    assert await state(pool, 1) == stood
