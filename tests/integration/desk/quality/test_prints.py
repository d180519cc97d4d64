"""What is printed of closed months: posters and the COPIL sheet, the same octets, in few pages."""

import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest

from services.desk.evidence.seals import seal
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.store.figures import FigureQuestion, figures
from shared.platform.database import Pool, transaction
from shared.site import store
from tests.desk_browser import Browser
from tests.integration.desk.closed import JULY, MAY, close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import at
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

POSTER = "/chiffres/mois/2026-05/affiche.pdf"
SHEET = "/chiffres/mois/2026-05/copil.pdf"
JUNE = date(2026, 6, 1)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    browser = await Browser(await at(pool, postgres_url, tmp_path, JULY)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def sealed(pool: Pool, *months: date, days: int = 1) -> None:
    """Closes months and seals so many nights later."""
    for month in months:
        await close(pool, month, early=True)
    async with transaction(pool) as connection:
        root = await seal(connection, await store.current(connection), JULY + timedelta(days=days))
    assert root is not None


async def pdf(officer: Browser, url: str) -> bytes:
    answer = await officer.get(url)
    assert answer.status_code == 200, answer.text
    return answer.content


def text(octets: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(octets))
    said = " ".join(page.get_textpage().get_text_bounded() for page in document)
    return " ".join(said.replace("\N{NO-BREAK SPACE}", " ").split())


def pages_of(octets: bytes) -> int:
    return len(pypdfium2.PdfDocument(io.BytesIO(octets)))


async def test_a_poster_says_the_closed_figure_and_is_the_same_octets_again(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(21, 900))
    await sealed(pool, MAY)
    async with transaction(pool) as connection:
        row = (await figures(connection, FigureQuestion(MAY, MAY), [REPLY], as_closed=True)).of(
            REPLY
        )
        month = await connection.fetchval("SELECT hash FROM desk.closed_months")
        root = await connection.fetchval("SELECT root FROM desk.roots ORDER BY night LIMIT 1")
    first = await pdf(officer, POSTER)
    said = text(first)
    assert f"{row.k} sur {row.n}" in said
    assert "Notre engagement Une réponse" in said
    assert "Courriers et courriels reçus en mai 2026" in said
    assert "objectif 90 %" in said
    assert "Délai non vérifié sur le référentiel" in said
    assert month in said.replace(" ", "")
    assert root[:16] in said.replace(" ", "")
    assert pages_of(first) == 1
    # The register goes on: nothing on the poster does.
    await pool.execute("UPDATE desk.clocks SET outcome = 'late' WHERE outcome = 'kept'")
    async with transaction(pool) as connection:
        await close(pool, JUNE, early=True)
        applied = await store.current(connection)
        await seal(connection, applied, JULY + timedelta(days=3))
    assert await pdf(officer, POSTER) == first
    large = await pdf(officer, f"{POSTER}?format=a3")
    page = pypdfium2.PdfDocument(io.BytesIO(large))[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [297, 420]


async def test_fewer_than_ten_are_told_in_words_without_a_percentage(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(22, 40))
    await sealed(pool, MAY)
    async with transaction(pool) as connection:
        table = await figures(connection, FigureQuestion(MAY, MAY), [REPLY], as_closed=True)
    (service,) = [name for name in table.services(REPLY) if 0 < table.of(REPLY, name).n < 10][:1]
    row = table.of(REPLY, service)
    said = text(await pdf(officer, f"{POSTER}?service={service}"))
    assert f"{row.k} sur {row.n} réponses à temps" in said
    assert "un pourcentage ne prouverait rien" in said
    # of percentages only the target's
    assert said.count("%") == said.count("90 %")


async def test_nothing_is_printed_of_open_or_unsealed_months(officer: Browser, pool: Pool) -> None:
    await put(pool, drawn(23, 300))
    for url in (POSTER, SHEET):
        answer = await officer.get(url)
        assert answer.status_code == 404
        assert "Ne le sont pas : mai 2026" in answer.text
    await close(pool, early=True)
    answer = await officer.get(POSTER)
    assert answer.status_code == 404
    assert "pas encore scellée" in answer.text
    await sealed(pool)
    assert (await officer.get(POSTER)).status_code == 200
    answer = await officer.get(f"{POSTER}?mois=2")
    assert "Ne le sont pas : avril 2026" in answer.text
    for query in ("format=a5", "mois=13", "mois=0", "mois=x"):
        assert (await officer.get(f"{POSTER}?{query}")).status_code == 404
    answer = await officer.get(f"{POSTER}?service=bmj")
    assert answer.status_code == 404, "not the poster of all where one service was asked for"
    assert "Aucun service « bmj »" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert (await officer.get(f"{POSTER}?canal=email")).status_code == 404


async def test_a_poster_of_several_months_counts_them_together(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(24, 900))
    await sealed(pool, MAY, JUNE)
    async with transaction(pool) as connection:
        row = (await figures(connection, FigureQuestion(MAY, JUNE), [REPLY], as_closed=True)).of(
            REPLY
        )
    said = text(await pdf(officer, "/chiffres/mois/2026-06/affiche.pdf?mois=2"))
    assert f"{row.k} sur {row.n}" in said
    assert "reçus de mai 2026 à juin 2026" in said
    assert "Empreinte des 2 mois clos" in said


async def test_no_poster_is_of_months_that_were_judged_by_another_target(
    officer: Browser, pool: Pool, postgres_url: str
) -> None:
    await put(pool, drawn(26, 900))
    await sealed(pool, MAY)
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            """
            INSERT INTO site.versions (version, digest, bundle, days, author, why, effective_from)
            SELECT version + 1, digest, jsonb_set(bundle, '{commitments,target}', '0.95'), days,
                   author, why, '2026-06-01T00:00Z'
            FROM site.versions ORDER BY version DESC LIMIT 1
            """
        )
    await sealed(pool, JUNE, days=3)
    answer = await officer.get("/chiffres/mois/2026-06/affiche.pdf?mois=2")
    assert answer.status_code == 404
    assert "la promesse ou l’objectif a changé" in answer.text
    for month, aim in ((MAY, "90"), (JUNE, "95")):
        said = text(await pdf(officer, f"/chiffres/mois/{month:%Y-%m}/affiche.pdf"))
        assert f"objectif {aim} %" in said


async def test_the_copil_sheet_is_two_pages_with_every_part(officer: Browser, pool: Pool) -> None:
    await put(pool, drawn(25, 2000))
    await pool.execute(
        "UPDATE desk.items SET theme = 'appointments' WHERE nature = 'complaint' AND chrono < 'a'"
    )
    await sealed(pool, MAY)
    async with transaction(pool) as connection:
        row = (await figures(connection, FigureQuestion(MAY, MAY), [REPLY], as_closed=True)).of(
            REPLY
        )
    octets = await pdf(officer, SHEET)
    said = text(octets)
    assert pages_of(octets) == 2
    assert f"courriers et courriels reçus en mai 2026 : {row.k} sur {row.n}, soit" in said
    for part in ("Treize mois", "Causes des retards", "Réclamations par thème",
                 "Mesures correctives", "Label : ce qui vient", "Décisions du comité"):  # fmt: skip
        assert part in said
    today = "Tels que le registre les dit le 02/07/2026, non figés à la clôture."
    assert said.count(today) == 2, "of causes and of themes"
    assert octets == await pdf(officer, SHEET)
