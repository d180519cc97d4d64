"""The website's pages: read by their correspondent, changed, printed; complaints become tasks."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chrome

from services.desk.quality import website_reminders
from services.desk.quality.store import website as store
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import PersonId
from shared.facts.quality import QUALITY
from shared.facts.quality.website import ChangeAsked, WebsiteAudience, WebsiteRung
from shared.facts.vocabulary import Nature
from shared.platform.database import Pool, transaction
from shared.site.staff.directory import Directory
from shared.site.staff.people_store import people_at
from shared.site.tables.website import NO_WEBSITE
from tests.desk_browser import Browser
from tests.desk_builders import DAYS, a_site, proposed, some_people
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.closed import JULY
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.integration.desk.offices import chrono
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.measured import applied, at
from tests.integration.desk.windows import THEMES, windows
from tests.layout_faults import ZOOMED, faults, look

pytestmark = pytest.mark.usefixtures("live_site", "environment")

HOME = "/qualite/site-internet"
LARGE, NARROW = (1440, 900), (390, 780)


async def agent(pool: Pool, postgres_url: str, folder: Path, who: str = "a.gent") -> Browser:
    return await Browser(await at(pool, postgres_url, folder, JULY)).sign_in(who)


async def checks(browser: Browser, page: str) -> str:
    return await browser.to(
        await browser.send(HOME, f"{HOME}/pages/{page}/verifiee", {"vue": listed(page)})
    )


def listed(page: str) -> str:
    """What the page of the list carries to its forms."""
    return a_site().website.page[page].listed


async def reminded(pool: Pool, now: datetime) -> list[WebsiteRung]:
    """The reminders that are stated at a moment."""
    async with transaction(pool) as connection:
        before = await connection.fetchval("SELECT coalesce(max(seq), 0) FROM desk.quality_facts")
        people = await people_at(connection, now)
        await website_reminders.remind(connection, await applied(pool), people, now)
        rows = await connection.fetch(
            "SELECT payload FROM desk.quality_facts WHERE seq > $1 AND type = 'WebsiteRung'"
            " ORDER BY seq",
            before,
        )
    found = [QUALITY.validate_json(row["payload"]) for row in rows]
    return [fact for fact in found if isinstance(fact, WebsiteRung)]


async def test_a_correspondent_reads_one_page_after_the_other_with_one_key_each(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    reader = await agent(pool, postgres_url, tmp_path)
    page = await reader.page(HOME)
    assert "À relire : Naturalisation" in page
    assert "02 00 00 00 00" in page  # the telephone of the service, beside the link
    assert "1, place du Marché, 36000 Exempleville" in page
    assert "du lundi au vendredi, de 9" in page
    assert "Associations" not in page  # another's
    page = await checks(reader, "naturalisation")
    assert "À relire : Titres" in page
    page = await checks(reader, "titres")
    assert "Rien à relire ce trimestre" in page
    officer = await agent(pool, postgres_url, tmp_path, "q.officer")
    page = await officer.page(HOME)
    assert "2 pages vérifiées sur 3, soit 67" in page
    assert await found_by(pool, "quality") == []


async def test_who_may_read_and_who_may_say(pool: Pool, postgres_url: str, tmp_path: Path) -> None:
    for who, status in (("r.gent", 404), ("d.rector", 303), ("b.head", 303), ("s.general", 403)):
        somebody = await agent(pool, postgres_url, tmp_path, who)
        answer = await somebody.send(
            HOME, f"{HOME}/pages/titres/verifiee", {"vue": listed("titres")}
        )
        assert answer.status_code == status, who
    stranger = await agent(pool, postgres_url, tmp_path, "b.gent")
    assert "Aucune page du site ne vous est confiée" in await stranger.page(HOME)


async def test_what_is_to_change_is_a_task_until_it_is_done(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    reader = await agent(pool, postgres_url, tmp_path)
    wrong = {"quoi": "Le numéro de téléphone est l’ancien.", "vue": listed("titres")}
    page = await reader.to(await reader.send(HOME, f"{HOME}/pages/titres/a-modifier", wrong))
    assert "Le numéro de téléphone est l’ancien." in page
    assert "17/07/2026" in page  # ten jours ouvrés after 2 July, and the 14th is a holiday
    done = {"fait": "Corrigé par le webmestre."}
    page = await reader.to(await reader.send(HOME, f"{HOME}/modifications/1/faite", done))
    assert "modifiée : Corrigé" in page
    assert "vérifiée, modifiée le 02/07/2026" in page
    again = await reader.send(HOME, f"{HOME}/modifications/1/faite", done)
    assert again.status_code == 422
    assert "est terminée" in again.text
    assert await found_by(pool, "quality") == []


async def test_a_page_that_does_not_open_is_unchecked(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    reader = await agent(pool, postgres_url, tmp_path)
    await checks(reader, "titres")
    seen = {"constat": "Erreur 404."}
    page = await reader.to(await reader.send(HOME, f"{HOME}/pages/titres/en-panne", seen))
    assert "ne s’ouvre pas" in page
    assert "Erreur 404." in page
    # Kept once: who erases it erases it everywhere.
    assert await pool.fetchval("SELECT count(*) FROM desk.quality_texts") == 1
    async with transaction(pool) as connection:
        found = await store.website(connection, a_site())
    assert found.count_checked(JULY.date()) == (0, 3)
    assert len(found.open) == 1


async def test_a_complaint_about_the_site_is_a_task_of_quality_then_of_the_correspondent(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    mail = wrote("Ana Petit", "Votre site", "La page est fausse.", address="ana@orange.fr")
    complaint = proposed(nature=Nature.COMPLAINT, theme="website")
    await registered(pool, await a_mail(LocalBlobs(tmp_path), "a", mail, routing=complaint))
    about = proposed(nature=Nature.COMPLAINT, theme="delay")
    await registered(pool, await a_mail(LocalBlobs(tmp_path), "b", mail, routing=about))
    now = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
    rungs = [rung for rung in await reminded(pool, now) if rung.number is not None]
    [rung] = rungs
    assert (rung.rung, rung.person, rung.tell) == ("begun", None, (WebsiteAudience.QUALITY,))
    assert rung.due == DAYS.add(date(2026, 5, 11), 10)
    assert [rung for rung in await reminded(pool, now) if rung.number is not None] == []
    rows = await pool.fetch("SELECT payload FROM desk.quality_facts WHERE type = 'ChangeAsked'")
    [asked] = [ChangeAsked.model_validate_json(row["payload"]) for row in rows]
    assert asked.sha256 is None
    officer = await Browser(await at(pool, postgres_url, tmp_path, now)).sign_in("q.officer")
    assert "page à désigner" in await officer.page(HOME)
    assert chrono(1) in await officer.page(HOME)
    chosen = {"page_du_site": "associations", "quoi": "Les pièces à joindre sont fausses."}
    await officer.to(await officer.send(HOME, f"{HOME}/modifications/1/page", chosen))
    [rung] = [rung for rung in await reminded(pool, now) if rung.number is not None]
    assert (rung.rung, rung.person) == ("begun", "r.gent")
    assert rung.tell == (WebsiteAudience.CORRESPONDENT,)
    reader = await Browser(officer.pages).sign_in("r.gent")
    page = await reader.page(HOME)
    assert "Les pièces à joindre sont fausses." in page
    assert "Ana Petit" not in page
    assert chrono(1) not in page  # a letter of another service: its address answers 404
    assert (await reader.get(f"/courrier/{chrono(1)}")).status_code == 404
    same = {"fait": "Rien n’est faux.", "rien": "oui"}
    page = await reader.to(await reader.send(HOME, f"{HOME}/modifications/1/faite", same))
    assert "rien à modifier" in page
    late = datetime(2026, 6, 12, 8, 0, tzinfo=UTC)
    assert [rung for rung in await reminded(pool, late) if rung.number is not None] == []


async def test_a_page_that_moved_since_it_was_shown_is_not_checked(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    reader = await agent(pool, postgres_url, tmp_path)
    for act, more in (("verifiee", {}), ("a-modifier", {"quoi": "Tout."})):
        fields = {"vue": "ab" * 32, **more}
        answer = await reader.send(HOME, f"{HOME}/pages/titres/{act}", fields)
        assert answer.status_code == 422
        assert "a changé depuis" in answer.text
    assert await pool.fetchval("SELECT count(*) FROM desk.quality_facts") == 0


async def test_a_site_without_a_list_gets_no_tasks(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    del postgres_url
    mail = wrote("Ana Petit", "Votre site", "La page est fausse.", address="ana@orange.fr")
    complaint = proposed(nature=Nature.COMPLAINT, theme="website")
    await registered(pool, await a_mail(LocalBlobs(tmp_path), "a", mail, routing=complaint))
    now = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
    async with transaction(pool) as connection:
        rules = await applied(pool)
        bare = rules.model_copy(
            update={"site": rules.site.model_copy(update={"website": NO_WEBSITE})}
        )
        people = await people_at(connection, now)
        assert await website_reminders.remind(connection, bare, people, now) == 0


async def test_where_a_fact_cant_be_read_nothing_is_decided_nor_printed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    reader = await agent(pool, postgres_url, tmp_path)
    await checks(reader, "titres")
    await pool.execute(
        """
        INSERT INTO desk.quality_facts
        SELECT (jsonb_populate_record(f, to_jsonb(f) || jsonb_build_object(
            'seq', f.seq + 1, 'event_id', gen_random_uuid(), 'payload', '{}'))).*
        FROM desk.quality_facts f ORDER BY seq DESC LIMIT 1
        """
    )
    answer = await reader.send(HOME, f"{HOME}/pages/titres/verifiee", {"vue": listed("titres")})
    assert answer.status_code == 422
    officer = await agent(pool, postgres_url, tmp_path, "q.officer")
    assert (await officer.get(f"{HOME}/etat.pdf")).status_code == 409
    async with transaction(pool) as connection:
        people = await people_at(connection, JULY)
        assert await website_reminders.remind(connection, await applied(pool), people, JULY) == 0


async def test_the_quarterly_list_is_told_once_a_rung_and_without_what_was_read(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await checks(await agent(pool, postgres_url, tmp_path), "titres")
    begun = await reminded(pool, JULY)
    assert {(rung.person, rung.pages) for rung in begun} == {
        ("a.gent", ("naturalisation",)),
        ("r.gent", ("associations",)),
    }
    assert {rung.due for rung in begun} == {date(2026, 9, 30)}
    assert {rung.rung for rung in begun} == {"begun"}
    assert await reminded(pool, datetime(2026, 7, 3, 8, 0, tzinfo=UTC)) == []
    last = await reminded(pool, datetime(2026, 9, 30, 8, 0, tzinfo=UTC))
    assert {rung.rung for rung in last} == {"+0"}
    assert all(WebsiteAudience.QUALITY in rung.tell for rung in last)


async def test_the_pages_of_a_correspondent_who_is_gone_are_the_head_s(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    del postgres_url, tmp_path
    left = {PersonId(person.id): person for person in some_people().people if person.id != "r.gent"}
    people = Directory(left, (), {})
    async with transaction(pool) as connection:
        await website_reminders.remind(connection, await applied(pool), people, JULY)
        found = await connection.fetch(
            "SELECT payload::jsonb ->> 'person' AS person FROM desk.quality_facts"
        )
    assert {row["person"] for row in found} == {"a.gent", "r.head"}


async def test_the_state_of_a_day_is_printed_as_it_was(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await checks(await agent(pool, postgres_url, tmp_path), "titres")
    officer = await agent(pool, postgres_url, tmp_path, "q.officer")
    answer = await officer.get(f"{HOME}/etat.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[4] for row in rows[1:]] == ["vérifiée", "jamais vérifiée", "jamais vérifiée"]
    yesterday = (await officer.get(f"{HOME}/etat.csv?au=2026-07-01")).content.decode("utf-8-sig")
    assert "vérifiée;" not in yesterday.replace("jamais vérifiée;", "")
    sheets = [(await officer.get(f"{HOME}/etat.pdf?au=2026-07-02")).content for _ in range(2)]
    assert sheets[0].startswith(b"%PDF-")
    assert sheets[0] == sheets[1]
    assert (await officer.get(f"{HOME}/etat.odt")).content.startswith(b"PK")
    assert (await officer.get(f"{HOME}/etat.pdf?au=2026-07-03")).status_code == 404
    assert (await officer.get(f"{HOME}/etat.exe")).status_code == 404


async def test_the_engagement_of_the_site_rests_on_the_figure(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await agent(pool, postgres_url, tmp_path, "q.officer")
    one = "/qualite/label/engagements/site-internet"
    assert "0 sur 3 (au 02/07/2026), objectif 100" in await officer.page(one)
    await checks(officer, "titres")
    assert "2 à vérifier de nouveau" in await officer.page(one)
    for page in ("naturalisation", "associations"):
        await checks(officer, page)
    shown = await officer.page(one)
    assert "3 sur 3 (au 02/07/2026), objectif 100" in shown
    assert "tenu" in shown


@pytest.mark.parametrize("theme", THEMES)
async def test_the_website_is_whole_and_accessible_in_every_window(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Chrome, theme: str
) -> None:
    reader = await agent(pool, postgres_url, tmp_path)
    wrong = {"quoi": "Le numéro de téléphone est l’ancien.", "vue": listed("titres")}
    await reader.to(await reader.send(HOME, f"{HOME}/pages/titres/a-modifier", wrong))
    found = []
    async with windows(pool, reader.pages.clock, tmp_path, chrome, theme) as desk:
        for who in ("a.gent", "q.officer"):
            async with desk.of(who) as page:
                person = Person(page, desk.home)
                assert await person.go(HOME) == 200
                for size in (LARGE, NARROW, ZOOMED):
                    found += [f"{who} {size[0]}: {fault}" for fault in await faults(page, size)]
                    await look(page, f"{theme}-{size[0]}-site-{who}")
                await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
                found += [f"{who}: {fault}" for fault in await person.violations()]
        async with desk.of("a.gent") as page:
            person = Person(page, desk.home)
            await person.go(HOME)
            await person.press_on("v")
            await page.wait_for_selector("text=Rien à relire ce trimestre")
    assert not found, "\n".join(found)
