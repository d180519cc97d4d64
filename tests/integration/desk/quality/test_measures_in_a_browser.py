"""Pages of measures in Chromium, in both themes: whole on a screen and a phone, and for axe."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser

from services.desk.quality.committee_service import CommitteeDesk
from services.desk.store.quality import Author
from shared.facts.origin import SESSION
from shared.facts.quality.committee import College, RemarkKind
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff.people_store import people_at
from tests.desk_browser import Browser as Asker
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.closed import JULY, close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import NEW, ONE, at, opens
from tests.integration.desk.windows import THEMES, Windows, windows
from tests.layout_faults import ZOOMED, faults, look

pytestmark = pytest.mark.usefixtures("live_site")

LARGE = (1440, 900)
NARROW = (360, 740)
FIGURE = "?source=figure&code=reponse&premier=2026-05&service=bmi"
PAGES = (
    "/chiffres/mois/2026-05",
    "/qualite/mesures",
    f"{NEW}{FIGURE}",
    "/qualite/mesures/miennes",
    ONE,
    f"{ONE}/effet?attendu=90",
    "/qualite/mesures/2",
)


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """Two measures: one to analyse, one closed."""
    await put(pool, drawn(5, 400))
    await close(pool, early=True)
    pages = await at(pool, postgres_url, tmp_path)
    officer = await Asker(pages).sign_in("q.officer")
    await opens(officer, query=FIGURE, seen="Trop de réponses en retard au bureau.")
    await opens(officer, owner="q.officer", due=date(2026, 8, 3), seen="L’affiche est périmée.")
    for act, fields in (
        ("cause", {"cause": "Aucun contrôle prévu."}),
        ("action", {"action": "Un contrôle par trimestre, au calendrier."}),
        ("faite", {"preuve": "Photographie du hall, classeur qualité."}),
        ("clore", {"verdict": "unproven", "motif": "L’affiche est à jour."}),
    ):
        await officer.to(
            await officer.send("/qualite/mesures/2", f"/qualite/mesures/2/{act}", fields)
        )
    async with windows(pool, pages.clock, tmp_path, chrome, request.param) as one:
        yield one


async def test_measures_are_whole_and_accessible_in_every_window(
    desk: Windows, request: pytest.FixtureRequest
) -> None:
    wrong = []
    theme = request.node.callspec.id  # the pictures' names
    async with desk.of("q.officer") as page:
        person = Person(page, desk.home)
        for url in PAGES:
            assert await person.go(url) == 200, url
            name = url.partition("?")[0].replace("/", "-")
            for size in (LARGE, NARROW, ZOOMED):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                await look(page, f"{theme}-{size[0]}{name}")
            await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
            wrong += [f"{url}: {fault}" for fault in await person.violations()]
    assert not wrong, "\n".join(wrong)


async def test_a_measure_from_a_figure_is_three_keys_away(desk: Windows) -> None:
    """Of the page that opens it, only owner and text stay to be said: the rest is filled in."""
    async with desk.of("q.officer") as page:
        person = Person(page, desk.home)
        await person.go(f"{NEW}?source=figure&code=reponse&premier=2026-05&service=dre")
        assert "Réponse, DRE, mai 2026" in await page.input_value("#constat")
        assert await page.evaluate("document.activeElement.id") == "responsable"
        await page.select_option("#responsable", "r.head")
        await page.get_by_role("button", name="Ouvrir la mesure").click()
        await page.wait_for_url("**/qualite/mesures/3")


async def test_a_measure_from_a_remark_is_three_keys_away(desk: Windows, pool: Pool) -> None:
    """The link beside the remark, the owner, the button: words and day are filled in."""
    remark = "L’accompagnant n’est pas toujours admis."
    async with transaction(pool) as connection:
        author = Author("indre", "person:q.officer", JULY, SESSION)
        people = await people_at(connection, JULY)
        committee = CommitteeDesk(connection, author, await store.current(connection), people)
        member = await committee.appoint("Odette Vannier", "", College.USERS)
        await committee.note(member, RemarkKind.OBSERVATION, remark)
    async with desk.of("q.officer") as page:
        person = Person(page, desk.home)
        await person.go("/qualite/comite")
        await page.get_by_role("link", name="Ouvrir une mesure").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/qualite/mesures/nouvelle?source=remark&numero=1")
        assert remark in await page.input_value("#constat")
        assert await page.evaluate("document.activeElement.id") == "responsable"
        assert await page.input_value("#echeance"), "a day is proposed"
        await page.select_option("#responsable", "r.head")
        await page.get_by_role("button", name="Ouvrir la mesure").press("Enter")
        await page.wait_for_url("**/qualite/mesures/3")
        assert remark in await person.text()


async def test_a_measure_of_a_row_of_the_label_is_reached_by_tab_and_opened_by_enter(
    desk: Windows,
) -> None:
    async with desk.of("q.officer") as page:
        await page.goto("/qualite/label")
        links = "[...document.querySelectorAll('tbody th a[href*=\"mesures/nouvelle\"]')]"
        wanted = await page.evaluate(f"{links}[0].getAttribute('href')")
        await page.evaluate("document.querySelector('main').focus()")
        at = "document.activeElement.getAttribute('href')"
        most = await page.evaluate("document.querySelectorAll('main a, main .scroll').length")
        for _ in range(most):
            await page.keyboard.press("Tab")
            if await page.evaluate(at) == wanted:
                break
        assert await page.evaluate(at) == wanted
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{wanted}")
