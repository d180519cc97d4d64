"""The report of a year: of closed months, missing ones named, the same octets, read again."""

import io
import subprocess
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import odfdo
import pytest

from services.desk.quality.domain.figures import REPLY
from services.desk.quality.domain.yearly_report import NO_SURVEY
from services.desk.quality.store import survey_results
from services.desk.quality.store.figures import FigureQuestion, figures
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.closed import JULY, MAY, close
from tests.integration.desk.quality import surveyed
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import at, headings, opens
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

REPORT = "/chiffres/annee/2026/rapport.odt"
AUGUST = datetime(2026, 8, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    browser = await Browser(await at(pool, postgres_url, tmp_path, JULY)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def fetched(officer: Browser) -> bytes:
    answer = await officer.get(REPORT)
    assert answer.status_code == 200, answer.text
    return answer.content


def text(octets: bytes) -> str:
    """All that the document says, as another reader of .odt gives it."""
    document = odfdo.Document(io.BytesIO(octets))
    said = document.get_formatted_text()
    return " ".join(said.replace("\N{NO-BREAK SPACE}", " ").split())


async def test_a_report_is_the_same_octets_and_has_every_part(
    officer: Browser, pool: Pool, tmp_path: Path
) -> None:
    await put(pool, drawn(31, 1200))
    await close(pool, early=True)
    first = await fetched(officer)
    assert first == await fetched(officer)
    kept = tmp_path / "bilan.odt"
    kept.write_bytes(first)
    subprocess.run(["unzip", "-tq", str(kept)], check=True, capture_output=True)  # noqa: ASYNC221, S603, S607  (a file of this test)
    with zipfile.ZipFile(kept) as archive:
        assert archive.namelist()[0] == "mimetype"
    assert headings(first) == [
        "Bilan annuel 2026",
        "Mois clos",
        "Réponses par service",
        "Autres engagements",
        "Causes des retards",
        "Réclamations",
        "Enquête de satisfaction",
        "Mesures correctives et leurs effets",
        "Audits et constats",
        "Comité local des usagers",
        "Comité de pilotage et groupes de travail",
        "Ce qui vient en 2027",
    ]
    said = text(first)
    assert NO_SURVEY in said
    assert "Le comité ne s’est pas réuni." in said


async def test_its_figures_are_of_closed_months_and_the_others_are_named(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await put(pool, drawn(32, 1200))
    await close(pool, early=True)
    await at(pool, postgres_url, tmp_path, AUGUST)
    later = await Browser(await at(pool, postgres_url, tmp_path, AUGUST)).sign_in("q.officer")
    async with transaction(pool) as connection:
        row = (await figures(connection, FigureQuestion(MAY, MAY), [REPLY], as_closed=True)).of(
            REPLY
        )
        month = await connection.fetchval("SELECT hash FROM desk.closed_months")
    said = text(await fetched(later))
    assert f"dans les mois clos de 2026 : {row.k} sur {row.n}, soit" in said
    assert (
        "Mois non clos, qui ne comptent dans aucun chiffre : juin 2026, juillet 2026, août 2026 (en"
        " cours)." in said
    )
    assert month in said
    assert "Délai non vérifié sur le référentiel" in said
    # Months that were judged by another target than the other: no verdict on both.
    await close(pool, date(2026, 6, 1), now=AUGUST, early=True)
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            "UPDATE desk.closed_months SET target = 0.95 WHERE month = '2026-06-01'"
        )
    said = text(await fetched(later))
    assert "L’objectif a changé dans l’année (90 %, 95 %) : aucun verdict" in said
    assert "pour un objectif" not in said.partition("Mois clos")[0]
    year = " ".join((await later.page("/chiffres/annee/2026")).split())
    assert "L’objectif a changé dans l’année" in year
    await later.client.aclose()


async def test_a_measure_stands_with_the_service_of_its_owner_and_no_name(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(33, 200))
    await opens(officer, due=date(2026, 7, 20), seen="Les accusés partent tard.")
    said = text(await fetched(officer))
    assert "Mesure n° 1" in said
    for name in ("Agent", "a.gent", "Les accusés partent tard"):
        assert name not in said
    assert "Audits : aucun." in said


async def test_the_survey_stands_there_once_its_results_are_published(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await surveyed.officer_at(pool, postgres_url, tmp_path)
    await surveyed.opened(officer)
    assert NO_SURVEY in text(await fetched(officer))
    await surveyed.came(pool)
    await surveyed.closed(officer)
    await surveyed.looks(pool, surveyed.SEALED)
    assert NO_SURVEY in text(await fetched(officer))
    await officer.to(await officer.send(surveyed.ONE, f"{surveyed.ONE}/publier"))
    said = text(await fetched(officer))
    assert NO_SURVEY not in said
    assert "Enquête n° 1, Votre avis sur la préfecture" in said
    assert "réponses 200" in said
    assert "190 satisfaits sur 200, 95 %" in said
    async with transaction(pool) as connection:
        assert len(await survey_results.last_published(connection)) == 1
    # Sheets that are not those that were sealed are printed by nobody.
    sheets = "UPDATE desk.survey_sheets SET answers = $1 WHERE answers = $2"
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(sheets, [4, 4, 4], [2, 1, None])
    said = text(await fetched(officer))
    assert "Enquête n° 1 : ses feuilles ne sont pas celles qui ont été scellées" in said
    assert "satisfaits sur" not in said
    async with transaction(pool) as connection:
        assert await survey_results.last_published(connection) == []
    # A form that can't be read takes no report with it.
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(sheets, [2, 1, None], [4, 4, 4])
        await owner.execute(
            "UPDATE desk.quality_texts SET body = 'x' WHERE sha256 = $1",
            (await surveyed.campaign(pool)).form_text,
        )
    said = text(await fetched(officer))
    assert "Enquête n° 1 : son" in said
    assert "ne se lit pas" in said


async def test_no_report_of_a_year_to_come(officer: Browser) -> None:
    assert (await officer.get("/chiffres/annee/2027/rapport.odt")).status_code == 404
