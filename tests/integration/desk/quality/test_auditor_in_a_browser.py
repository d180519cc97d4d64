"""What an auditor on site sees, in Chromium and both themes: whole, and clean for axe."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr

from services.desk.evidence import draws
from services.desk.evidence.domain.sampling import Wanted
from services.desk.quality.auditor_service import AuditorService, NewAuditor
from services.desk.roles import Roles
from services.desk.store.quality import Author
from shared.facts.envelope import PersonId
from shared.facts.origin import SESSION
from shared.facts.quality import DrawMode
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff import people_store
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.audited import NOW, three_of_may
from tests.integration.desk.quality.test_figures_in_a_browser import LARGE, NARROW
from tests.integration.desk.windows import PATIENCE, THEMES, Windows, windows
from tests.layout_faults import ZOOMED, faults, look
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")

OFFICER = Roles(frozenset({PersonId("q.officer")}), quality=True)
DRAWN = "/auditeur/courriers/36-2026-A-000001"
PAGES = (
    "/auditeur",
    "/auditeur/chiffres",
    "/auditeur/engagements",
    "/auditeur/engagements/courriers",
    "/auditeur/mesures",
    "/auditeur/tirages",
    DRAWN,
    f"{DRAWN}/contenu",
    "/auditeur/constats",
)
OURS = ("/qualite/auditeurs", "/qualite/textes", "/qualite/textes/1")


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    await three_of_may(pool, postgres_url)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    async with windows(pool, clock, tmp_path, chrome, request.param) as one:
        yield one


async def invited(pool: Pool) -> tuple[str, str]:
    """The two codes of a session of three days."""
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        directory = await people_store.people_at(connection, NOW)

        def service(person: str) -> AuditorService:
            author = Author("indre", f"person:{person}", NOW, SESSION)
            return AuditorService(connection, author, applied, directory)

        first = NOW.date()
        auditor = NewAuditor(
            "Odile Verdier", "Certif Invention", "audit-interne", 1, first,
            first + timedelta(days=2),
        )  # fmt: skip
        number, code = await service("q.officer").invite(auditor)
        return code, await service("s.general").confirm(number)


async def draw(pool: Pool) -> int:
    """Everything of May that is finished, drawn by the référent qualité; the draw's number."""
    async with transaction(pool) as connection:
        author = Author("indre", "person:q.officer", NOW, SESSION)
        may = date(2026, 5, 1), date(2026, 5, 31)
        frozen = await draws.freeze_frame(connection, *may, OFFICER, author)
        wanted = Wanted("7 juin", DrawMode.TOTAL, 2)
        made = await draws.draw(connection, frozen.seq, wanted, OFFICER, author)
        return made.told.seq


async def test_an_auditor_opens_the_door_by_keyboard_and_every_page_is_whole(
    desk: Windows, pool: Pool, request: pytest.FixtureRequest
) -> None:
    theme, wrong = request.node.callspec.id, list[str]()  # the pictures' names
    first, second = await invited(pool)
    context = await desk.browser.new_context(locale="fr-FR", base_url=desk.home)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    person = Person(page, desk.home)

    async def seen(url: str) -> None:
        for size in (LARGE, NARROW, ZOOMED):
            wrong.extend(f"{url} {size[0]}: {fault}" for fault in await faults(page, size))
            await look(page, f"{theme}-{size[0]}{url.replace('/', '-')}")
        await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
        wrong.extend(f"{url}: {fault}" for fault in await person.violations())

    assert await person.go("/auditeur") == 200
    await seen("/auditeur-porte")
    await page.focus("#invitation")
    await person.write(first)
    await person.press("Tab")
    await person.write(second)
    await person.press_on("Enter")
    made = await draw(pool)
    for url in (*PAGES, f"/auditeur/tirages/{made}"):
        assert await person.go(url) == 200, url
        await seen(url)
    assert "Odile Verdier" in await _home(person)
    await context.close()
    assert not wrong, "\n".join(wrong)


async def _home(person: Person) -> str:
    await person.go("/auditeur")
    return await person.text()


async def test_what_two_persons_prepare_is_whole_and_accessible(
    desk: Windows, pool: Pool, request: pytest.FixtureRequest
) -> None:
    theme, wrong = request.node.callspec.id, list[str]()
    await invited(pool)
    async with desk.of("q.officer") as page:
        person = Person(page, desk.home)
        for url in OURS:
            assert await person.go(url) == 200, url
            for size in (LARGE, NARROW, ZOOMED):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                await look(page, f"{theme}-{size[0]}{url.replace('/', '-')}")
            await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
            wrong += [f"{url}: {fault}" for fault in await person.violations()]
        await person.go(OURS[0])
        await page.fill("#nom", "Ignace Moreau")
        await page.select_option("#audit", "audit-interne")
        await person.click("section[aria-labelledby=preparer] button")
        assert "n’est montré qu’une fois" in await person.text()
        await look(page, f"{theme}-code")
        wrong += [f"code: {fault}" for fault in await person.violations()]
    assert not wrong, "\n".join(wrong)
