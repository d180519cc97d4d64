"""What a measure was born from is a fact for ever: codes that the register knows, no text."""

import re
from collections.abc import Sequence
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from services.desk.quality.store import measures as store
from shared.facts.quality.measures import MeasureSource, SourceKind
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import DUE, NEW, applied, at, opens

pytestmark = pytest.mark.usefixtures("live_site")

COMPLAINTS = "/chiffres/mois/2026-05/reclamations"
WEBSITE = "/qualite/site-internet"
LABEL = "/qualite/label"
PHONE = f"{LABEL}/engagements/telephone"
OTHER = f"{LABEL}/engagements/difficulte"
THEMED = """
WITH themed AS (
    UPDATE desk.items SET theme = 'reception'
    WHERE nature = 'complaint' AND chrono LIKE '%1' RETURNING received_on
)
SELECT count(*) FROM themed WHERE received_on BETWEEN '2026-05-01' AND '2026-05-31'
"""
FREE = MeasureSource(kind=SourceKind.FREE)


def links(page: str) -> Sequence[str]:
    """Where a page leads to open a measure."""
    return [unescape(found) for found in re.findall(rf'href="({NEW}\?[^"]*)"', page)]


def plain(page: str) -> str:
    """A page with blanks for its spaces that don't break."""
    return unescape(page).replace("\N{NO-BREAK SPACE}", " ")


async def born(pool: Pool) -> MeasureSource:
    """What the only measure was born from."""
    async with transaction(pool) as connection:
        [measure] = await store.every(connection)
    return measure.source


@pytest.mark.parametrize("kind", ["page", "figure", "theme"])
async def test_an_address_puts_no_text_into_a_fact(
    pool: Pool, postgres_url: str, tmp_path: Path, kind: str
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    await opens(officer, query=f"?source={kind}&code=M.%20Dupont%20est%20absent")
    async with transaction(pool) as connection:
        [measure] = await store.every(connection)
    assert measure.source == MeasureSource(kind=SourceKind(kind))


async def test_an_engagement_is_chosen_and_not_typed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    typed = {
        "constat": "Vu.",
        "responsable": "a.gent",
        "echeance": DUE.isoformat(),
        "engagement": "M. Dupont",
    }
    answer = await officer.send(NEW, NEW, typed)
    assert answer.status_code == 422
    assert await pool.fetchval("SELECT count(*) FROM desk.quality_facts") == 0


async def test_the_effect_of_a_theme_is_asked_about_a_figure(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    await opens(officer, query="?source=theme&code=reception")
    page = await officer.get("/qualite/mesures/1/effet")
    assert 'value="reponse" selected' in page.text


async def test_a_measure_is_one_click_from_the_row_of_a_theme(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await put(pool, drawn(5, 400))
    in_may = await pool.fetchval(THEMED)
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    page = await officer.page(COMPLAINTS)
    [link] = [found for found in links(page) if "code=reception" in found]
    assert link == f"{NEW}?source=theme&code=reception&premier=2026-05&dernier=2026-05"
    form = plain(await officer.page(link))
    assert in_may > 1
    assert f"{in_may} réclamations du thème « accueil sur place », mai 2026." in form
    await opens(officer, query=link.removeprefix(NEW))
    assert await born(pool) == MeasureSource(
        kind=SourceKind.THEME, code="reception", first=date(2026, 5, 1), last=date(2026, 5, 1)
    )
    director = await Browser(desk).sign_in("d.rector")
    assert links(await director.page(COMPLAINTS)) == []


async def test_a_measure_is_one_click_from_the_row_of_a_page_of_the_website(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    site = (await applied(pool)).site.website
    found = links(await officer.page(WEBSITE))
    assert found == [f"{NEW}?source=page&code={page.id}" for page in site.pages]
    first = site.pages[0]
    assert f"Page du site : {first.title}" in plain(await officer.page(found[0]))
    await opens(officer, query=found[0].removeprefix(NEW))
    assert await born(pool) == MeasureSource(kind=SourceKind.PAGE, code=first.id)
    correspondent = await Browser(desk).sign_in("a.gent")
    assert links(await correspondent.page(WEBSITE)) == []


@pytest.mark.parametrize("page", [LABEL, PHONE])
async def test_a_measure_is_one_click_from_an_engagement_that_has_no_figure(
    pool: Pool, postgres_url: str, tmp_path: Path, page: str
) -> None:
    desk = await at(pool, postgres_url, tmp_path)
    officer = await Browser(desk).sign_in("q.officer")
    [link] = [found for found in links(await officer.page(page)) if "telephone" in found]
    assert link == f"{NEW}?source=engagement&code=telephone"
    form = plain(await officer.page(link))
    assert "« Un accueil téléphonique qui oriente » : non concluant." in form
    assert '<option value="telephone" selected>Un accueil téléphonique qui oriente' in form
    shown = await opens(officer, query=f"{link.removeprefix(NEW)}&engagement=telephone")
    assert "Un accueil téléphonique qui oriente" in shown
    async with transaction(pool) as connection:
        [measure] = await store.every(connection)
    assert (measure.engagement, measure.source) == ("telephone", FREE)
    for where in (LABEL, PHONE):  # it stands beside its engagement, and beside no other
        assert (await officer.page(where)).count('href="/qualite/mesures/1"') == 1
    assert 'href="/qualite/mesures/1"' not in await officer.page(OTHER)
    board = await officer.page("/qualite/mesures")
    assert '<option value="telephone">Un accueil téléphonique qui oriente' in board
    director = await Browser(desk).sign_in("d.rector")
    assert links(await director.page(page)) == []
