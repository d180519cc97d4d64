"""Events on their pages: a mass reply by two persons, an exercise seen everywhere, the report."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chrome

from services.desk.quality.event_job import look as ask_the_rule
from services.desk.quality.event_service import EventDesk
from services.desk.quality.mass_job import step
from services.desk.quality.store.figures import FigureQuestion, figures
from services.desk.store.quality import Author
from shared.content.blobs import LocalBlobs
from shared.facts.origin import SESSION
from shared.facts.quality.events import JoinReason
from shared.platform.database import Pool, transaction
from shared.site import store as rules
from shared.site.load import load_folder
from tests.desk_browser import Browser
from tests.desk_builders import DAYS, GO_LIVE, a_site
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.crises import HOME, LINE, NOW, ONE, REPLY, Crisis, crisis
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import applied, headings
from tests.integration.desk.quality.test_events import mail
from tests.integration.desk.windows import THEMES, windows
from tests.layout_faults import ZOOMED, faults, look
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

INDRE = Path(__file__).parents[4] / "deploy" / "site" / "indre"
MASS = f"{ONE}/reponse"
LARGE, OFFICE, NARROW = (1440, 900), (1366, 768), (390, 844)


async def with_texts(postgres_url: str) -> None:
    """The rules of the tests, with the texts of the example site: letters can be shown."""
    site = a_site().model_copy(update={"templates": load_folder(INDRE).templates})
    async with one_transaction(postgres_url) as owner:
        await rules.keep(owner, site, DAYS, "q.officer", "texts", GO_LIVE)


async def flooded(pool: Pool, postgres_url: str, folder: Path) -> Crisis:
    """Three mails of a flood confirmed, one of them asking more; a reply approved."""
    await with_texts(postgres_url)
    for name in ("a", "b", "c"):
        await mail(pool, folder, name, "Inondation de ma rue.")
    two = await crisis(pool, postgres_url, folder)
    await two.opened()
    await two.worded("line", LINE)
    await two.worded("reply", REPLY)
    await two.ruled("inondation")
    await ask_the_rule(pool, LocalBlobs(folder), NOW)
    chronos = [f"36-2026-A-00000{n}" for n in (1, 2, 3)]
    fields = {"chrono": chronos, "autre": chronos[2:]}
    await two.secretary.to(await two.secretary.send(f"{ONE}/courriers", f"{ONE}/courriers", fields))
    return two


async def test_a_mass_reply_is_weighed_shown_asked_and_confirmed_by_another(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await flooded(pool, postgres_url, tmp_path)
    page = await two.secretary.page(MASS)
    assert "<h2>2 envois</h2>" in page
    assert "pose aussi une autre question" in page
    assert "Les routes sont coupées." in page
    assert "Camille S.general" in page  # over whose name it leaves
    hidden = {"version": "1", "service": "", "categorie": ""}
    listed = page.split('name="liste" value="')[1].split('"')[0]
    wrong = await two.secretary.send(MASS, MASS, {**hidden, "liste": listed, "nombre": "3"})
    assert "Tapez le nombre de réponses qui partiraient : 2." in wrong.text
    moved = await two.secretary.send(MASS, MASS, {**hidden, "liste": "0" * 64, "nombre": "2"})
    assert "La liste a changé" in moved.text
    await two.secretary.to(
        await two.secretary.send(MASS, MASS, {**hidden, "liste": listed, "nombre": "2"})
    )
    alone = await two.secretary.send(MASS, f"{MASS}/1/confirmer", {"nombre": "2"})
    assert "Il faut deux personnes" in alone.text
    page = await two.cabinet.page(MASS)
    assert "Les routes sont coupées." in page
    assert "36-2026-A-000001" not in page  # the cabinet may not know of it
    assert "(référence de son courrier)" in page
    page = await two.cabinet.to(
        await two.cabinet.send(MASS, f"{MASS}/1/confirmer", {"nombre": "2"})
    )
    assert "En cours, 60 envois par minute." in page
    page = await two.cabinet.to(await two.cabinet.send(MASS, f"{MASS}/1/arreter"))
    assert "Arrêtée." in page
    blobs = LocalBlobs(tmp_path)
    assert await step(pool, blobs, await applied(pool), NOW, timedelta(minutes=1)) == 0
    await two.secretary.to(await two.secretary.send(MASS, f"{MASS}/1/reprendre"))
    assert await step(pool, blobs, await applied(pool), NOW, timedelta(minutes=1)) == 2
    orders = await pool.fetch("SELECT by FROM desk.facts WHERE type = 'NoticeOrdered'")
    assert [row["by"] for row in orders] == ["person:s.general"] * 2
    assert await found_by(pool, "quality") == []


async def test_the_cabinet_weighs_only_what_it_may_decide_about(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await flooded(pool, postgres_url, tmp_path)
    page = await two.cabinet.page(MASS)
    assert "<h2>0 envoi</h2>" in page
    assert "à répondre par qui le suit" in page
    assert "Demander l’envoi" not in page


async def test_an_exercise_is_said_on_every_page_and_an_event_on_none(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened("exercice")
    agent = await Browser(two.secretary.pages).sign_in("a.gent")
    for url in ("/courriers", "/recherche", "/qualite/mesures/miennes"):
        assert "<strong>EXERCICE</strong> en cours (crue-2026)" in await agent.page(url)
    await two.worded("reply", REPLY)
    page = await two.secretary.page(MASS)
    assert "<h2>2 envois</h2>" in page
    assert "EXERCICE jusqu’au 14/05/2026, ceci n’est pas une alerte" in page
    await two.secretary.to(await two.secretary.send(ONE, f"{ONE}/clore"))
    assert "EXERCICE" not in await agent.page("/courriers")


async def test_without_a_list_no_exercise_is_asked_for(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    site = a_site()
    nobody = site.events.model_copy(update={"exercise": ()})
    async with one_transaction(postgres_url) as owner:
        await rules.keep(
            owner, site.model_copy(update={"events": nobody}), DAYS, "q.officer", "x", GO_LIVE
        )
    two = await crisis(pool, postgres_url, tmp_path)
    fields = {"nature": "exercice", "code": "essai", "fin_jour": "2026-05-14", "fin_heure": "18:00"}
    assert "Aucune adresse d’exercice" in (await two.cabinet.send(HOME, HOME, fields)).text


async def test_no_rate_no_clock_and_no_fact_of_an_item_moves(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await put(pool, [replace(item, number=item.number + 1000) for item in drawn(7, 300)])
    chosen = [await mail(pool, tmp_path, "flood", "Inondation.")]
    question = FigureQuestion(datetime(2026, 4, 1, tzinfo=UTC).date(), NOW.date().replace(day=1))

    async def state() -> tuple[object, ...]:
        async with transaction(pool) as connection:
            table = await figures(connection, question)
            clocks = await connection.fetch("SELECT * FROM desk.clocks ORDER BY item_id, clock")
            items = await connection.fetch("SELECT * FROM desk.items ORDER BY item_id")
            n = await connection.fetchval("SELECT count(*) FROM desk.facts")
        return (
            {row.key: row for row in table.rows},
            [tuple(row) for row in clocks],
            [tuple(row) for row in items],
            n,
        )

    two = await crisis(pool, postgres_url, tmp_path)
    before = await state()
    officer = await Browser(two.secretary.pages).sign_in("q.officer")
    assert "▼" not in await officer.page("/chiffres/annee/2026")
    await two.opened()
    async with transaction(pool) as connection:
        desk = EventDesk(connection, Author("indre", "person:s.general", NOW, SESSION))
        await desk.join(1, chosen, (), JoinReason.PERSON)
    assert await state() == before
    year = await officer.page("/chiffres/annee/2026")
    assert "▼<title>événement crue-2026</title>" in year
    assert "; événement crue-2026" in year
    await two.secretary.to(await two.secretary.send(ONE, f"{ONE}/clore"))
    assert await state() == before


async def test_the_report_of_times_as_page_text_and_table(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await flooded(pool, postgres_url, tmp_path)
    officer = await Browser(two.secretary.pages).sign_in("q.officer")
    page = await officer.page(f"{ONE}/bilan")
    assert "Réponse approuvée" in page
    assert "<h2>Envois remis\N{NO-BREAK SPACE}: 0</h2>" in page
    text = await officer.get(f"{ONE}/bilan.odt")
    assert headings(text.content)[-1] == "Envois remis : 0"
    table = await officer.get(f"{ONE}/bilan.csv")
    assert "Ouvert par la deuxième personne" in table.content.decode("utf-8-sig")
    assert (await officer.get(f"{ONE}/bilan.pdf")).status_code == 404


@pytest.mark.parametrize("theme", THEMES)
async def test_events_are_whole_and_accessible_in_every_window(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Chrome, theme: str
) -> None:
    two = await flooded(pool, postgres_url, tmp_path)
    wrong = []
    async with (
        windows(pool, two.secretary.pages.clock, tmp_path, chrome, theme) as desk,
        desk.of("s.general") as page,
    ):
        person = Person(page, desk.home)
        for url in (HOME, ONE, f"{ONE}/courriers", MASS, f"{ONE}/bilan"):
            assert await person.go(url) == 200, url
            for size in (LARGE, OFFICE, NARROW, ZOOMED):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                await look(page, f"{theme}-{size[0]}{url.replace('/', '-')}")
            await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
            wrong += [f"{url}: {fault}" for fault in await person.violations()]
    assert not wrong, "\n".join(wrong)
