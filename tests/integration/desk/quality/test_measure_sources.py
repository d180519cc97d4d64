"""What a measure was born from is a fact for ever: codes that the register knows, no text."""

from pathlib import Path

import pytest

from services.desk.quality.store import measures as store
from shared.facts.quality.measures import MeasureSource, SourceKind
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import DUE, NEW, at, opens

pytestmark = pytest.mark.usefixtures("live_site")


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
