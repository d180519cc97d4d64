"""Slips, panels and posters of places: approved, printed with the same hours, read again."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pypdfium2
import pytest

from services.desk.quality.store import places as store
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.desk_builders import a_site
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.received import COUNTER, HOME, SHEET, approved, plain, who

pytestmark = pytest.mark.usefixtures("live_site", "environment")


async def test_a_slip_is_approved_and_printed_in_two_languages(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    head = await approved(pool, postgres_url, tmp_path)
    page = await head.page(f"{HOME}?lieu=guichet")
    assert "Fiche du guichet" in page
    assert "français et English" in page
    printed = await head.get(f"{COUNTER}/jeu.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    text = plain(printed.content)
    assert "Votre titre de séjour" in text
    assert "Your residence permit" in text
    assert "Sans internet : Venez au point d’appui numérique" in text
    assert "du mardi au jeudi de 9 h à 12 h" in text
    assert "version 1, approuvée le 11/05/2026" in text
    assert (await head.get(f"{COUNTER}/jeu.pdf")).content == printed.content
    sizes = [page.get_size() for page in pypdfium2.PdfDocument(printed.content)]
    assert [round(height) for _, height in sizes] == [842, 595]  # a poster A4, a slip A5


async def test_an_old_version_of_a_slip_cannot_be_printed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    head = await approved(pool, postgres_url, tmp_path)
    one = f"{COUNTER}/fiches/fiche-du-guichet"
    assert (await head.get(f"{one}/1.pdf")).status_code == 200
    assert (await head.get(f"{one}/2.pdf")).status_code == 410  # not written yet
    agent = await Browser(head.pages).sign_in("a.gent")
    url = "/fiches/fiche-du-guichet/ecrire"
    await agent.to(await agent.send(url, url, SHEET | {"body": "Apportez deux photographies."}))
    head = await Browser(head.pages).sign_in("b.head")
    assert (await head.get(f"{one}/1.pdf")).status_code == 200  # still the one in use
    letter = "/courriers-types/fiche-du-guichet"
    await head.to(await head.send(letter, f"{letter}/approuver"))
    answer = await head.get(f"{one}/1.pdf")
    assert answer.status_code == 410
    assert "c’est la 2" in answer.text
    text = plain((await head.get(f"{COUNTER}/jeu.pdf")).content)
    assert "deux photographies" in text
    assert "convocation" not in text


async def test_a_slip_answers_no_letter_and_is_no_choice_of_the_composer(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await approved(pool, postgres_url, tmp_path)
    kept = await pool.fetchval("SELECT kind FROM desk.letter_versions WHERE state = 'approved'")
    assert kept == "fiche"
    agent = await who(pool, postgres_url, tmp_path, "a.gent")
    answer = await agent.get("/courriers-types/fiche-du-guichet/ecrire")
    assert answer.headers["location"] == "/fiches/fiche-du-guichet/ecrire"


async def test_a_text_in_two_languages_needs_its_reviewer(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    agent = await who(pool, postgres_url, tmp_path, "a.gent")
    url = "/fiches/nouvelle"
    for name in ("reviewer", "reviewed_on", "language", "other_body", "offline"):
        answer = await agent.send(url, url, SHEET | {name: ""})
        assert answer.status_code == 422, name
    later = await agent.send(url, url, SHEET | {"reviewed_on": "2026-05-12"})
    assert later.status_code == 422


async def test_hours_are_the_same_on_panel_slip_and_page_and_a_closing_is_never_open(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    head = await approved(pool, postgres_url, tmp_path, kind="panneau")
    closing = {"premier": "2026-05-12", "dernier": "2026-05-13", "ferme": "oui", "motif": "Travaux"}
    page = await head.to(await head.send(f"{HOME}?lieu=guichet", f"{COUNTER}/horaires", closing))
    assert "Demain, mardi 12 mai 2026" in page
    assert "exceptionnel" in page
    line = "du mardi 12 mai 2026 au mercredi 13 mai 2026 : fermé"
    assert line in page
    text = plain((await head.get(f"{COUNTER}/jeu.pdf")).content)
    assert text.count(line.replace("\u00a0", " ")) == 2  # on the poster and on the panel
    assert "Travaux" not in text
    # What the portal is shown is the same days and hours, by a view of its own.
    rows = await pool.fetch("SELECT * FROM portal.place_exceptions")
    assert [(row["place"], row["first_day"], row["slots"]) for row in rows] == [
        ("guichet", date(2026, 5, 12), [])
    ]
    back = {"motif": "Travaux reportés"}
    await head.to(await head.send(f"{HOME}?lieu=guichet", f"{HOME}/horaires/1/retirer", back))
    assert await pool.fetch("SELECT * FROM portal.place_exceptions") == []
    assert line not in plain((await head.get(f"{COUNTER}/jeu.pdf")).content)
    assert await found_by(pool, "quality") == []


async def test_what_hangs_is_said_to_be_old_when_hours_or_a_slip_change(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    head = await approved(pool, postgres_url, tmp_path)
    home = f"{HOME}?lieu=guichet"
    assert "Personne n’a encore noté" in await head.page(home)
    [mark] = set(re.findall(r"Le jeu ([0-9a-f]{8}) est affiché", await head.page(home)))
    assert f"jeu {mark}" in plain((await head.get(f"{COUNTER}/jeu.pdf")).content)
    page = await head.to(await head.send(home, f"{COUNTER}/affiche", {"jeu": mark}))
    assert "est à jour" in page
    closing = {"premier": "2026-05-12", "ferme": "oui", "motif": "Travaux"}
    page = await head.to(await head.send(home, f"{COUNTER}/horaires", closing))
    assert "À réimprimer : les horaires ont changé" in page
    old = await head.send(home, f"{COUNTER}/affiche", {"jeu": mark})  # what was printed before
    assert old.status_code == 422
    assert "réimprimez le jeu" in old.text


async def test_a_slip_past_its_check_makes_its_engagement_stale(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await approved(pool, postgres_url, tmp_path)
    async with transaction(pool) as connection:
        for day, counted in (
            (date(2026, 8, 11), (1, 1, True)),
            (date(2026, 8, 12), (0, 1, True)),
        ):
            assert await store.sheets_counted(connection, a_site(), day) == counted
    late = datetime(2026, 8, 12, 8, 0, tzinfo=UTC)
    officer = await who(pool, postgres_url, tmp_path, "q.officer", late)
    one = "/qualite/label/engagements/sans-rendez-vous"
    assert "preuve périmée" in await officer.page(one)
    assert "à relire" in await officer.page(f"{HOME}?lieu=guichet")
    again = f"{HOME}/fiches/fiche-du-guichet/1/relue"
    await officer.to(await officer.send(f"{HOME}?lieu=guichet", again))
    assert "1 sur 1 (au 12/08/2026)" in await officer.page(one)
    old = await officer.send(f"{HOME}?lieu=guichet", f"{HOME}/fiches/fiche-du-guichet/7/relue")
    assert old.status_code == 422
