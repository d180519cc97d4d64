"""One figure, wherever it is read: function, page, file, dashboard, weekly page, closed month."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr
from python_calamine import CalamineWorkbook

from deploy.grafana import promises
from deploy.grafana.panels import Sql
from services.desk.domain import wilson
from services.desk.domain.months import with_totals
from services.desk.quality import weekly_figures
from services.desk.quality.domain.figures import COURSES, REPLY, FigureRow, FigureTable
from services.desk.quality.store.figures import FigureQuestion, delays, figures
from services.desk.store import months
from shared.facts.quality.figures import FigureBasis
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.platform.messaging import trigger_counts
from shared.site import store
from tests.desk_browser import Browser, pages
from tests.e2e.looking import as_grafana_asks
from tests.integration.desk.closed import JULY, MAY, close
from tests.integration.desk.quality.drawn_items import (
    KEYS,
    SERVICES,
    counted,
    counted_courses,
    drawn,
    put,
    put_courses,
)
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

JUNE = date(2026, 6, 1)
ALL = FigureQuestion(date(2026, 4, 1), JUNE)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The référent qualité, on the second of July."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


def numbers(row: FigureRow) -> dict[str, int]:
    return {name: getattr(row, name) for name in KEYS}


async def asked(pool: Pool, question: FigureQuestion, *, as_closed: bool = False) -> FigureTable:
    async with transaction(pool) as connection:
        return await figures(connection, question, as_closed=as_closed)


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_figure_and_total_is_that_of_a_count_by_hand(
    officer: Browser, pool: Pool, seed: int
) -> None:
    del officer  # the story's moment
    items = drawn(seed, 2000)
    await put(pool, items)
    expected = counted(items, JULY.date())
    found = {row.key: row for row in (await asked(pool, ALL)).rows if row.key.code != "repondu"}
    assert {key: numbers(row) for key, row in found.items()} == expected
    for row in found.values():
        assert (row.low, row.high) == pytest.approx(wilson.interval(row.k, row.n), abs=1e-12)
    await put_courses(pool, items)
    async with transaction(pool) as connection:
        courses = await figures(connection, ALL, COURSES)
        closed = await figures(connection, ALL, COURSES, as_closed=True)
    assert {row.key: (row.k, row.n) for row in courses.rows} == counted_courses(items)
    assert not closed.rows, "no closed month holds them"


async def test_page_file_dashboard_weekly_page_and_closed_month_say_the_same_figure(
    officer: Browser, pool: Pool, postgres_url: str
) -> None:
    items = drawn(3, 2000)
    await put(pool, items)
    expected = counted(items, JULY.date())
    may = {
        service: (cells["k"], cells["n"])
        for service in (*SERVICES, None)
        for cells in [expected["reponse", service, None, MAY]]
    }
    names = {service: service.upper() for service in SERVICES}
    assert await _on_page(officer) == may
    assert await _in_file(officer) == may
    async with one_transaction(postgres_url) as owner:
        assert await _on_dashboard(owner, list(names)) == may
    june = expected["reponse", None, None, JUNE]
    async with transaction(pool) as connection:
        told = await weekly_figures.state(connection, await store.current(connection), JULY)
    assert told is not None
    (said,) = [
        figure for figure in told.figures
        if (figure.code, figure.basis, figure.services, figure.first)
        == (REPLY, FigureBasis.RECEIVED, (), JUNE)
    ]  # fmt: skip
    assert (said.k, said.n) == (june["k"], june["n"])

    await close(pool, early=True)
    closed = await asked(pool, FigureQuestion(MAY, MAY), as_closed=True)
    async with transaction(pool) as connection:
        kept = with_totals(await months.promises(connection, MAY))
    assert kept
    codes = {"reply": REPLY, "receipt": "accuse-automatique", "holding": "date-annoncee",
             "services_publics": "services-publics-plus"}  # fmt: skip
    for figure in kept:
        row = closed.of(codes[figure.clock], figure.service or None, figure.channel or None)
        assert (row.k, row.n) == (figure.counts.get("kept", 0), figure.n)
        assert (row.low, row.high) == pytest.approx(figure.interval, abs=1e-12)
    assert not [row for row in closed.rows if row.key.month not in {None, MAY}]
    assert await _on_page(officer) == may


async def test_the_years_file_has_closed_months_as_its_page_shows_them(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(6, 600))
    before = await _in_year(officer)
    await close(pool, early=True)
    # Every late reply of May is kept after all: the closed month doesn't move, today's does.
    await pool.execute(
        "UPDATE desk.clocks SET outcome = 'kept' WHERE outcome = 'late' AND day_zero < '2026-06-01'"
    )
    await trigger_counts.fold(pool, "desk")
    closed = await _in_year(officer)
    kept, judged, state, *now = closed["mai 2026"]
    assert (kept, judged) == before["mai 2026"][:2]
    assert state == "clos le 02/07/2026 ; délai non vérifié sur le référentiel"
    assert now[0] > kept  # type: ignore[operator]  # of this kind here
    assert str(closed["juin 2026"][2]).startswith("aujourd’hui ;")
    page = BeautifulSoup(await officer.page("/chiffres/annee/2026"), "html.parser")
    (shown,) = [row for row in page.select("tbody tr") if row.select_one("th").text == "mai"]  # type: ignore[union-attr]  # the page has it
    assert [int(cell.text) for cell in shown.select("td")[:2]] == [kept, judged]


async def test_a_filtered_page_and_file_name_their_filter_everywhere(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(7, 600))
    for path in ("/chiffres/mois/2026-05", "/chiffres/annee/2026"):
        page = BeautifulSoup(await officer.page(f"{path}?service=bmi"), "html.parser")
        (title,) = page.select("h1")
        assert title.text.endswith(", BMI")
        assert all(
            ", BMI" in box["aria-label"] for box in page.select("div[aria-label]:has(table)")
        )
        assert "pièces demandées, au mois où elles l’ont été" in page.text
        for part in page.select("table, svg"):
            assert "Tous les services" not in part.text
        answer = await officer.get(f"{path}/chiffres.xlsx?service=bmi")
        assert "-bmi.xlsx" in answer.headers["content-disposition"]
        book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        (services,) = {tuple({row[2] for row in book.get_sheet_by_index(0).to_python()[1:]})}
        assert len(services) == 1
        assert "Tous les services" not in services


async def test_the_delays_of_a_closed_month_stay_what_they_were(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(8, 600))
    await close(pool, early=True)
    before = await _delays_on_page(officer)
    assert before
    await pool.execute("UPDATE desk.clocks SET raw = 90 WHERE raw IS NOT NULL")
    await trigger_counts.fold(pool, "desk")
    async with transaction(pool) as connection:
        today = await delays(connection, FigureQuestion(MAY, MAY))
    assert {row.median for row in today} == {90}
    assert await _delays_on_page(officer) == before
    page = await officer.page("/chiffres/mois/2026-05")
    assert "quel que soit le mois de réception, aujourd’hui" in page
    assert "Hors périmètre, aujourd’hui" in page


async def _delays_on_page(officer: Browser) -> list[str]:
    page = BeautifulSoup(await officer.page("/chiffres/mois/2026-05"), "html.parser")
    region = page.find("div", attrs={"aria-label": "Réponses par service, mai 2026"})
    assert region is not None
    return [line.select("td")[-1].text for line in region.select("tbody tr")]


async def _in_year(officer: Browser) -> dict[str, tuple[object, ...]]:
    """By month, kept and judged replies, the state, and kept and judged today, in the file."""
    answer = await officer.get("/chiffres/annee/2026/chiffres.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    return {
        str(row[0]): (*row[4:6], *row[-3:])
        for row in book.get_sheet_by_index(0).to_python()
        if row[1] == "Réponse"
    }


async def test_what_left_in_a_month_is_counted_by_its_day_and_how_long_it_took(
    officer: Browser, pool: Pool
) -> None:
    del officer
    items = drawn(4, 500)
    await put(pool, items)
    left = [
        (item, clock)
        for item in items
        for clock in item.clocks
        if clock.clock == "reply" and item.perimeter and item.state != "merged"
        if clock.outcome in {"kept", "late"}
    ]
    in_may = [clock for _, clock in left if clock.stopped_on.replace(day=1) == MAY]
    row = (await asked(pool, FigureQuestion(MAY, MAY))).of("repondu")
    assert (row.k, row.n) == (sum(c.outcome == "kept" for c in in_may), len(in_may))
    assert row.n > 10
    days = sorted(clock.raw for item, clock in left if item.received_on.replace(day=1) == MAY)
    async with transaction(pool) as connection:
        found = await delays(connection, FigureQuestion(MAY, MAY))
    (every,) = [delay for delay in found if delay.service is None and delay.channel is None]
    # percentile_disc: the first value at which the part of rows reaches the share asked.
    half, most = -(-len(days) // 2), -(-len(days) * 9 // 10)
    assert (every.n, every.median, every.ninth_decile) == (
        len(days), days[half - 1], days[most - 1],
    )  # fmt: skip


async def _on_page(officer: Browser) -> dict[str | None, tuple[int, int]]:
    """By service, kept and judged as the page of May shows them."""
    page = BeautifulSoup(await officer.page("/chiffres/mois/2026-05"), "html.parser")
    region = page.find("div", attrs={"aria-label": "Réponses par service, mai 2026"})
    assert region is not None
    found: dict[str | None, tuple[int, int]] = {}
    for line in region.select("tbody tr"):
        kept, judged = line.select("td")[:2]
        found[_service(line.select("th")[0].text)] = (int(kept.text), int(judged.text))
    return found


async def _in_file(officer: Browser) -> dict[str | None, tuple[int, int]]:
    """By service, the sums of the lines of each channel in the spreadsheet, and of all."""
    answer = await officer.get("/chiffres/mois/2026-05/chiffres.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    found: dict[str | None, tuple[int, int]] = {}
    total = (0, 0)
    for _, promise, service, channel, kept, judged, *_ in book.get_sheet_by_index(0).to_python():
        if promise != "Réponse" or channel == "tous" or service == "Tous les services":
            continue
        before = found.get(_service(str(service)), (0, 0))
        found[_service(str(service))] = (before[0] + int(kept), before[1] + int(judged))  # type: ignore[arg-type]  # typed by hand
        total = (total[0] + int(kept), total[1] + int(judged))  # type: ignore[arg-type]  # typed by hand
    return found | {None: total}


async def _on_dashboard(owner: object, services: list[str]) -> dict[str | None, tuple[int, int]]:
    """By service, what the panel « Par service » draws of May."""
    panel = next(panel for panel in promises.BOARD.panels if panel.title == "Par service")
    (ask,) = panel.asks
    assert isinstance(ask, Sql)
    span = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 31, tzinfo=UTC)
    rows = await owner.fetch(as_grafana_asks(ask.query, services, *span))  # type: ignore[attr-defined]  # a name that the module only imports
    found: dict[str | None, tuple[int, int]] = {}
    for row in rows:
        judged = int(row["n"].split()[0])
        found[row["code"]] = (round(row["Taux tenu"] * judged), judged)
    kept, judged = zip(*found.values(), strict=True)  # type: ignore[assignment]  # one name for both
    return found | {None: (sum(kept), sum(judged))}  # type: ignore[call-overload,no-any-return]  # the library says no type


def _service(name: str) -> str | None:
    return None if name == "Tous les services" else name.removeprefix("Bureau ")
