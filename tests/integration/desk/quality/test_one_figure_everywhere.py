"""Of 5,000 drawn letters one sentence, wherever a figure of May is read: seven readers of it.

HYPOTHESIS_PROFILE=thorough draws 20,000 of them.
"""

import io
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import odfdo
import pypdfium2
import pytest
from bs4 import BeautifulSoup
from hypothesis import settings
from python_calamine import CalamineWorkbook

from deploy.grafana import promises
from deploy.grafana.panels import Sql
from services.desk.domain import wilson
from services.desk.evidence.seals import seal
from services.desk.french import labels_fr
from services.desk.pages.quality import figure_words
from services.desk.quality import weekly_figures
from services.desk.quality.domain.figures import COURSES, REPLY
from services.desk.quality.store.figures import FigureQuestion, figures
from services.notify import weekly_page
from services.notify.domain.digest_sections import RungContext
from services.notify.store import weekly_figures as told_figures
from shared.facts.vocabulary import Proof
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff.directory import Reader
from shared.site.staff.people_store import people_at
from tests.desk_browser import Browser
from tests.e2e.looking import as_grafana_asks
from tests.integration.desk.closed import MAY, close
from tests.integration.desk.quality.drawn_items import (
    PROVING,
    SERVICES,
    counted,
    counted_courses,
    drawn,
    put,
    put_courses,
)
from tests.integration.desk.quality.measured import at
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

THOROUGH = 1000
COUNT = 20_000 if settings().max_examples >= THOROUGH else 5_000
MONDAY = datetime(2026, 6, 28, 22, 5, tzinfo=UTC)  # 29 June, 0:05 in Paris: all were received


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    browser = await Browser(await at(pool, postgres_url, tmp_path, MONDAY)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def test_seven_readers_say_one_figure(
    officer: Browser, pool: Pool, postgres_url: str
) -> None:
    items = drawn(41, COUNT)
    await put(pool, items)
    await put_courses(pool, items)
    cells = counted(items, date(2026, 6, 29))["reponse", None, None, MAY]
    k, n, waiting = cells["k"], cells["n"], cells["open"] + cells["observed"]
    assert n > COUNT / 5
    low, high = wilson.interval(k, n + waiting)[0], wilson.interval(k + waiting, n + waiting)[1]
    expected = (
        f"{k} sur {n}, soit {100 * k / n:.0f} % (entre {100 * low:.0f} et {100 * high:.0f} %"
        + (f", quoi que deviennent les {waiting} pas encore jugés)" if waiting else ")")
    )
    await close(pool, now=MONDAY, early=True)
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        assert await seal(connection, applied, MONDAY + timedelta(days=1)) is not None
        row = (await figures(connection, FigureQuestion(MAY, MAY), [REPLY], as_closed=True)).of(
            REPLY
        )
        told = await weekly_figures.state(connection, applied, MONDAY)
    assert (row.k, row.n, row.waiting) == (k, n, waiting)
    assert row.ends == pytest.approx((low, high), abs=1e-12)

    assert expected in plain(await officer.page("/chiffres/mois/2026-05"))
    assert expected in plain(await officer.page("/qualite/semaine"))
    assert expected in plain(_document(await _file(officer, "/chiffres/annee/2026/rapport.odt")))
    poster = _printed(await _file(officer, "/chiffres/mois/2026-05/affiche.pdf"))
    assert f"{k} sur {n}" in poster
    assert f"{100 * k / n:.0f} %" in poster
    assert f"entre {100 * low:.0f} et {100 * high:.0f} %" in poster
    sheet = _printed(await _file(officer, "/chiffres/mois/2026-05/copil.pdf"))
    assert f"mai 2026 : {expected}" in sheet
    assert await _in_file(officer) == (k, n)
    assert told is not None
    async with one_transaction(postgres_url) as owner:
        assert await _on_dashboard(owner) == (k, n)
        await told_figures.keep(owner, told)
        people = await people_at(owner, MONDAY)
        who = people.person("q.officer")
        assert who is not None
        local = MONDAY.astimezone(applied.site.zone)
        known = RungContext(applied.site, applied.days, local.date(), {})
        page = await weekly_page.write_page(owner, applied, Reader(who), None, local, [], known)
        drawn_by_panel = await _courses_on_dashboard(owner)
    # How letters went: function, page, spreadsheet and panel say what a loop over them counts.
    hand = counted_courses(items)
    courses = {code: hand[code, None, None, MAY] for code in COURSES}
    async with transaction(pool) as connection:
        table = await figures(connection, FigureQuestion(MAY, MAY), COURSES)
    assert {code: (table.of(code).k, table.of(code).n) for code in COURSES} == courses
    assert drawn_by_panel == courses
    assert await _courses_on_page(officer) == courses
    assert await _courses_in_file(officer) == {code: k for code, (k, _) in courses.items()}
    said = {rate.label: plain(rate.said) for rate in page.rates}
    assert said["Réponses aux courriers et courriels reçus en mai 2026"] == expected


def plain(text: str) -> str:
    """The words of a page or text, its blanks plain."""
    said = BeautifulSoup(text, "html.parser").get_text(" ")
    return " ".join(said.replace("\N{NO-BREAK SPACE}", " ").split())


async def _file(officer: Browser, url: str) -> bytes:
    answer = await officer.get(url)
    assert answer.status_code == 200, answer.text
    return answer.content


def _printed(octets: bytes) -> str:
    pages = pypdfium2.PdfDocument(io.BytesIO(octets))
    return plain(" ".join(page.get_textpage().get_text_bounded() for page in pages))


def _document(octets: bytes) -> str:
    return odfdo.Document(io.BytesIO(octets)).get_formatted_text()


async def _in_file(officer: Browser) -> tuple[int, int]:
    """The sums of the lines of each service and channel in the spreadsheet."""
    octets = await _file(officer, "/chiffres/mois/2026-05/chiffres.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(octets))
    lines = [
        (int(str(kept)), int(str(judged)))
        for _, promise, service, channel, kept, judged, *_ in (
            [str(cell).removesuffix(".0") for cell in row]
            for row in book.get_sheet_by_index(0).to_python()
        )
        if promise == "Réponse" and channel != "tous" and service != "Tous les services"
    ]
    return sum(kept for kept, _ in lines), sum(judged for _, judged in lines)


async def _courses_on_page(officer: Browser) -> dict[str, tuple[int, int]]:
    page = BeautifulSoup(await officer.page("/chiffres/mois/2026-05/cheminement"), "html.parser")
    region = page.find("div", attrs={"aria-label": "Cheminement en chiffres, mai 2026"})
    assert region is not None
    codes = {figure_words.TITLES[code]: code for code in COURSES}
    found = {}
    for line in region.select("tbody tr"):
        k, n = line.select("td")[:2]
        found[codes[line.select("th")[0].text]] = (int(k.text), int(n.text))
    return found


async def _courses_in_file(officer: Browser) -> dict[str, int]:
    """The sums of the lines of each service and channel in the spreadsheet of the page."""
    octets = await _file(officer, "/chiffres/mois/2026-05/cheminement/chiffres.xlsx")
    head, *lines = CalamineWorkbook.from_filelike(BytesIO(octets)).get_sheet_by_index(0).to_python()
    of = {str(name): place for place, name in enumerate(head)}
    mine = [line for line in lines if line[1] != "tous" and line[0] != "Tous les services"]

    def total(*names: str) -> int:
        return sum(int(float(str(line[of[name]]))) for line in mine for name in names)

    proofs = [labels_fr.PROOFS[proof].capitalize() for proof in Proof if proof in PROVING]
    return {
        "enregistre-le-jour": total("Enregistrés le jour même"),
        "reattribue": total("Réattribués"),
        "delai-deduit": total("Attente de pièces déduite"),
        "preuve": total(*proofs),
        "grille": total("Grille de forme passée"),
    }


async def _courses_on_dashboard(owner: object) -> dict[str, tuple[int, int]]:
    """What the panel « Cheminement » draws of May."""
    panel = next(panel for panel in promises.BOARD.panels if panel.title == "Cheminement")
    (ask,) = panel.asks
    assert isinstance(ask, Sql)
    span = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 31, tzinfo=UTC)
    rows = await owner.fetch(as_grafana_asks(ask.query, list(SERVICES), *span))  # type: ignore[attr-defined]  # a name that the module only imports
    return {row["code"]: (row["Oui"], row["Sur"]) for row in rows}


async def _on_dashboard(owner: object) -> tuple[int, int]:
    """The sum of what the panel « Par service » draws of May."""
    panel = next(panel for panel in promises.BOARD.panels if panel.title == "Par service")
    (ask,) = panel.asks
    assert isinstance(ask, Sql)
    span = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 31, tzinfo=UTC)
    names: Mapping[str, str] = {service: service.upper() for service in SERVICES}
    rows = await owner.fetch(as_grafana_asks(ask.query, list(names), *span))  # type: ignore[attr-defined]  # a name that the module only imports
    judged = [(round(row["Taux tenu"] * int(row["n"].split()[0])), int(row["n"].split()[0]))
              for row in rows]  # fmt: skip
    return sum(kept for kept, _ in judged), sum(every for _, every in judged)
