"""Places of reception: hours, papers, incidents, tries and tallies, on their pages and prints."""

import csv
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chrome

from services.desk.quality import measure_proposals
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store import places as store
from shared.facts.quality.measures import SourceKind
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.desk_builders import a_site
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.measured import applied
from tests.integration.desk.quality.received import (
    COUNTER,
    HOME,
    LARGE,
    MIDDLE,
    NARROW,
    approved,
    who,
)
from tests.integration.desk.windows import THEMES, windows
from tests.layout_faults import ZOOMED, faults, look

pytestmark = pytest.mark.usefixtures("live_site", "environment")


async def test_other_hours_are_typed_as_people_write_them(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    head = await who(pool, postgres_url, tmp_path, "b.head")
    home = f"{HOME}?lieu=guichet"
    typed = {"premier": "2026-05-15", "horaires": "9h-12h et 13h30-16h", "motif": "Affluence"}
    page = await head.to(await head.send(home, f"{COUNTER}/horaires", typed))
    assert "de 13\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30 à 16\N{NO-BREAK SPACE}h" in page
    for wrong in ("", "neuf heures", "12h-9h", "25h-26h"):
        answer = await head.send(home, f"{COUNTER}/horaires", typed | {"horaires": wrong})
        assert answer.status_code == 422, wrong
    agent = await Browser(head.pages).sign_in("a.gent")
    assert (await agent.send(home, f"{COUNTER}/horaires", typed)).status_code == 403


async def test_an_incident_is_one_click_and_a_correction_a_measure_with_its_date(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    agent = await who(pool, postgres_url, tmp_path, "a.gent")
    home = f"{HOME}?lieu=guichet"
    page = await agent.to(await agent.send(home, f"{COUNTER}/incident", {"nature": "down"}))
    assert "n° 1 : ne s’ouvre pas" in page
    said = {"ticket": "ASS-2026-118, correction annoncée pour juin"}
    page = await agent.to(await agent.send(home, f"{HOME}/incidents/1/ticket", said))
    assert "ASS-2026-118" in page
    officer = await who(pool, postgres_url, tmp_path, "q.officer")
    async with transaction(pool) as connection:
        state = await store.places(connection, a_site())
    subject = state.incidents[1].subject
    asked = f"/qualite/mesures/nouvelle?source=incident&sujet={subject}&echeance=2026-06-15"
    page = await officer.page(asked)
    assert 'value="2026-06-15"' in page
    assert "incident n° 1 (ne s’ouvre pas)" in page
    page = await agent.to(await agent.send(home, f"{HOME}/incidents/1/fin"))
    assert "n° 1 : ne s’ouvre pas" not in page
    assert (await agent.send(home, f"{HOME}/incidents/1/fin")).status_code == 422
    loge = f"{HOME}/lieux/loge/incident"
    officer = await who(pool, postgres_url, tmp_path, "q.officer")
    assert (await officer.send(home, loge, {"nature": "down"})).status_code == 422
    payloads = await pool.fetch("SELECT payload FROM desk.quality_facts")
    assert not any("ASS-2026" in row["payload"] for row in payloads)
    assert await found_by(pool, "quality") == []


async def test_three_days_without_a_slot_are_proposed_and_never_opened(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    home = f"{HOME}?lieu=guichet"
    for day in (11, 12, 13):
        moment = datetime(2026, 5, day, 8, 0, tzinfo=UTC)
        agent = await who(pool, postgres_url, tmp_path, "a.gent", moment)
        tried = {"essais": "5", "trouve": "non"}
        page = await agent.to(await agent.send(home, f"{COUNTER}/essai", tried))
        assert "Aucun créneau, en 5 essais" in page
        if day == 13:  # typed wrongly, then corrected
            wrong = {"essais": "1", "trouve": "oui"}
            assert "Un créneau trouvé" in await agent.to(
                await agent.send(home, f"{COUNTER}/essai", wrong)
            )
            right = tried | {"corrige": "1"}
            page = await agent.to(await agent.send(home, f"{COUNTER}/essai", right))
            assert "Aucun créneau, en 5 essais" in page
    async with transaction(pool) as connection:
        rules, today = await applied(pool), date(2026, 5, 13)
        [found] = await measure_proposals.proposed_measures(connection, [], rules, today)
        assert await measure_store.every(connection) == []
    assert (found.source.kind, found.source.code) == (SourceKind.INCIDENT, "sans-creneau")
    officer = await who(
        pool, postgres_url, tmp_path, "q.officer", datetime(2026, 5, 13, 9, 0, tzinfo=UTC)
    )
    assert "jours sans créneau" in await officer.page("/qualite/mesures")
    page = await officer.page(f"{HOME}/suivi")
    assert "0 sur 3" in page
    rows = (await officer.get(f"{HOME}/suivi.csv")).content.decode("utf-8-sig")
    last = list(csv.reader(io.StringIO(rows), delimiter=";"))[-1]
    assert last[0] == "mai 2026"
    assert last[-5:-1] == ["0", "3", "3", ""]


async def test_visits_are_counted_by_half_day_and_taken_back(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    agent = await who(pool, postgres_url, tmp_path, "a.gent")
    home, url = f"{HOME}?lieu=guichet", f"{COUNTER}/compte"
    for fields in ({"quoi": "orientation"}, {"quoi": "orientation"}, {"quoi": "compte"}):
        await agent.to(await agent.send(home, url, fields))
    await agent.to(await agent.send(home, url, {"quoi": "orientation", "sens": "moins"}))
    for _ in range(2):
        await agent.to(await agent.send(home, url, {"quoi": "compte", "sens": "moins"}))
    assert (await agent.send(home, url, {"quoi": "nationalite"})).status_code == 422
    rows = await pool.fetch("SELECT place, day, half, kind, n FROM desk.tallies ORDER BY kind")
    assert [tuple(row) for row in rows] == [
        ("guichet", date(2026, 5, 11), "morning", "compte", 0),
        ("guichet", date(2026, 5, 11), "morning", "orientation", 1),
    ]
    noon = datetime(2026, 5, 11, 11, 0, tzinfo=UTC)  # 13:00 in Paris
    agent = await who(pool, postgres_url, tmp_path, "a.gent", noon)
    page = await agent.to(await agent.send(home, url, {"quoi": "depot"}))
    assert "cet après-midi" in page


async def test_who_keeps_a_place_and_who_only_reads(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    for person, status in (("r.gent", 404), ("s.general", 403), ("c.lerk", 404), ("b.head", 303)):
        somebody = await who(pool, postgres_url, tmp_path, person)
        answer = await somebody.send(HOME, f"{COUNTER}/incident", {"nature": "down"})
        assert answer.status_code == status, person
    stranger = await who(pool, postgres_url, tmp_path, "r.gent")
    assert "Aucun lieu d’accueil ne vous est confié" in await stranger.page(HOME)
    admitted = {"admis": "oui", "depuis": "2026-05-04", "decide_par": "Note du secrétariat général"}
    officer = await who(pool, postgres_url, tmp_path, "q.officer")
    page = await officer.to(
        await officer.send(f"{HOME}?lieu=guichet", f"{COUNTER}/accompagnant", admitted)
    )
    assert "admis depuis le lundi 4 mai 2026 ; décision : Note du secrétariat général" in page


@pytest.mark.parametrize("theme", THEMES)
async def test_reception_is_whole_and_accessible_in_every_window(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Chrome, theme: str
) -> None:
    head = await approved(pool, postgres_url, tmp_path)
    home = f"{HOME}?lieu=guichet"
    await head.to(await head.send(home, f"{COUNTER}/incident", {"nature": "no_slot"}))
    await head.to(await head.send(home, f"{COUNTER}/essai", {"essais": "3", "trouve": "non"}))
    closing = {"premier": "2026-05-12", "ferme": "oui", "motif": "Travaux"}
    await head.to(await head.send(home, f"{COUNTER}/horaires", closing))
    seen = {
        "b.head": (home, "/fiches/nouvelle", "/courriers-types/fiche-du-guichet"),
        "q.officer": (home, f"{HOME}/suivi"),
    }
    wrong = []
    async with windows(pool, head.pages.clock, tmp_path, chrome, theme) as desk:
        for person_id, urls in seen.items():
            async with desk.of(person_id) as page:
                person = Person(page, desk.home)
                for url in urls:
                    assert await person.go(url) == 200, url
                    name = re.sub(r"\W", "-", url)
                    for size in (LARGE, MIDDLE, NARROW, ZOOMED):
                        found = await faults(page, size)
                        wrong += [f"{person_id} {url} {size[0]}: {fault}" for fault in found]
                        await look(page, f"{theme}-{size[0]}{name}-{person_id}")
                    await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
                    wrong += [f"{url}: {fault}" for fault in await person.violations()]
        async with desk.of("b.head") as page:
            person = Person(page, desk.home)
            await person.go(home)
            await person.press_on("1")
            await page.wait_for_selector("text=Un de moins")
    assert not wrong, "\n".join(wrong)
