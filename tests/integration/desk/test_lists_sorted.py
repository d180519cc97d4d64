"""The work list in the orders of its columns, what waits in menu and title, the list as a file."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.pages.serve import PageServer
from services.desk.pages.service import item_list
from services.desk.store import menu_counts
from services.desk.store.cursors import Cursor
from services.desk.store.states import NOT_DONE
from services.desk.store.worklist_order import WorklistColumn, WorklistOrder
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival, certain, digest, proposed, rules
from tests.integration.desk.test_service_pages import chronos
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
DUE = {1: date(2026, 5, 19), 2: None, 3: date(2026, 5, 8), 4: date(2026, 5, 19), 5: None}
RECEIVED = {1: 7, 2: 5, 3: 7, 4: 4, 5: 6}


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> PageServer:
    """Five items of bmi, with two days twice and two without limit."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    arrivals: list[Any] = [
        an_arrival(name, routing=certain(), correspondent=digest(name)) for name in "abcde"
    ]
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, arrivals, TODAY)
        for number, due in DUE.items():
            await connection.execute(
                "UPDATE desk.items SET due = $2, received_on = $3 WHERE chrono = $1",
                f"36-2026-A-00000{number}",
                due,
                date(2026, 5, RECEIVED[number]),
            )
    return pages(pool, clock, tmp_path)


ORDERS = {
    "": [3, 1, 4, 2, 5],
    "-echeance": [5, 2, 4, 1, 3],
    "recu": [4, 2, 5, 1, 3],
    "-recu": [3, 1, 5, 2, 4],
    "numero": [1, 2, 3, 4, 5],
    "-numero": [5, 4, 3, 2, 1],
    "objet": [3, 1, 4, 2, 5],
}


@pytest.mark.parametrize("order", ORDERS)
async def test_each_order_goes_on_where_its_last_page_ended(
    desk: PageServer, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(item_list, "A_PAGE", 2)
    head = await Browser(desk).sign_in("b.head")
    url, seen = f"/courriers?tri={order}", list[int]()
    for _ in range(3):
        page = BeautifulSoup(await head.page(url), "html.parser")
        seen += chronos(str(page))
        following = page.select_one('.pages a[rel="next"]')
        if following is None:
            break
        url = str(following["href"])
    assert seen == ORDERS[order]


async def test_a_column_is_sorted_by_its_head_and_backwards_by_it_again(desk: PageServer) -> None:
    head = await Browser(desk).sign_in("b.head")

    async def heads(url: str) -> dict[str, tuple[str, str]]:
        found = BeautifulSoup(await head.page(url), "html.parser").select("thead th:has(a)")
        return {
            cell.a.text.strip("↑↓↕"): (str(cell.a["href"]), str(cell.get("aria-sort", "")))
            for cell in found
            if cell.a is not None
        }

    first = await heads("/courriers?service=bmi")
    assert set(first) == {"Numéro", "Échéance", "Reçu"}, "what no index serves is not sorted"
    assert first["Échéance"] == ("/courriers?service=bmi&qui=moi&tri=-echeance", "ascending")
    assert first["Reçu"] == ("/courriers?service=bmi&qui=moi&tri=recu", "")
    then = await heads(first["Reçu"][0])
    assert then["Reçu"] == ("/courriers?service=bmi&qui=moi&tri=-recu", "ascending")
    assert then["Échéance"] == ("/courriers?service=bmi&qui=moi", "")
    assert (await heads(then["Reçu"][0]))["Reçu"][1] == "descending"


INDEXES = {
    WorklistColumn.DUE: "items_by_limit",
    WorklistColumn.RECEIVED: "items_open_by_receipt",
    WorklistColumn.NUMBER: "items_open_by_number",
}


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("column", WorklistColumn)
async def test_an_index_gives_each_order_and_nothing_is_sorted(
    postgres_url: str, column: WorklistColumn, *, backwards: bool
) -> None:
    order = WorklistOrder(column, backwards)
    places = ("$1", "$2") if column is not WorklistColumn.NUMBER else ("", "$1")
    cursor = Cursor(date(2026, 5, 12), "36-2026-A-000001")
    given = (cursor.key, cursor.name) if places[0] else (cursor.name,)
    question = (
        f"EXPLAIN SELECT item_id FROM desk.items AS item WHERE {NOT_DONE}"  # noqa: S608  (constants)
        f" AND {order.behind(*places)} ORDER BY {order.order_by('item')} LIMIT 50"
    )
    async with one_transaction(postgres_url) as owner:
        for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            await owner.execute(f"SET LOCAL {way} = off")
        plan = "\n".join(row[0] for row in await owner.fetch(question, *given))
    assert INDEXES[column] in plan
    assert "Sort" not in plan
    assert "Index Cond" in plan, "a page far down begins where it begins"


async def test_what_waits_is_counted_in_the_menu_and_before_the_title(
    desk: PageServer, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counts_of(page: str) -> dict[str, str]:
        found = BeautifulSoup(page, "html.parser").select("#menu a")
        return {str(link["href"]): " ".join(link.text.split()) for link in found}

    def title(page: str) -> str:
        found = BeautifulSoup(page, "html.parser").title
        assert found is not None
        return found.text

    head = await Browser(desk).sign_in("b.head")
    page = await head.page("/courriers")
    assert counts_of(page)["/courriers"] == "Courriers (5)"
    assert title(page).startswith("(5) Mes courriers – ")
    agent = await Browser(desk).sign_in("a.gent")
    page = await agent.page("/courriers")
    assert counts_of(page)["/courriers"] == "Courriers", "nothing is nothing"
    assert title(page).startswith("Mes courriers")
    await agent.send("/courrier/2", "/courrier/36-2026-A-000002/prendre")
    page = await agent.page("/courrier/2")
    assert counts_of(page)["/courriers"] == "Courriers (1)"
    assert not title(page).startswith("("), "it counts what its own page has"
    clerk = await Browser(desk).sign_in("c.lerk")
    assert counts_of(await clerk.page("/bureau"))["/bureau/a-qualifier"] == "À qualifier"
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(
            connection,
            [an_arrival(n, routing=proposed(), correspondent=digest(n)) for n in ("x", "y")],
            TODAY,
        )
    assert counts_of(await clerk.page("/bureau"))["/bureau/a-qualifier"] == "À qualifier (2)"
    assert title(await clerk.page("/bureau/file")).startswith("La file")
    letter = await clerk.page("/bureau/a-qualifier/36-2026-A-000006")
    assert title(letter).startswith("(2) 36-2026-A-000006 – ")
    monkeypatch.setattr(menu_counts, "MOST", 3)
    monkeypatch.setattr("services.desk.pages.renderer.MOST", 3)
    page = await head.page("/courriers")
    assert counts_of(page)["/courriers"] == "Courriers (3+)"
    assert title(page).startswith("(3+) ")


async def test_the_menu_counts_what_the_list_counts(desk: PageServer, pool: Pool) -> None:
    """Also where something is réservé, and of who stands in or knows of nothing."""
    await pool.execute(
        "UPDATE desk.items SET confidentiality = 'reserve', was_reserved = true"
        " WHERE chrono = '36-2026-A-000003'"
    )
    await pool.execute("UPDATE desk.items SET agent = 'a.gent' WHERE chrono LIKE '%4'")
    for who in ("a.gent", "b.head", "c.lerk", "r.gent", "d.rector"):
        browser = await Browser(desk).sign_in(who)
        page = BeautifulSoup(await browser.page("/courriers"), "html.parser")
        tab = page.select_one(".tabs:not(.views) a .count")
        link = page.select_one("#menu a[href='/courriers']")
        assert tab is not None
        assert link is not None
        shown = link.select_one(".count")
        assert (shown.text if shown else "(0)") == tab.text, who


async def test_the_list_leaves_as_a_file_with_its_filters_in_its_order(
    desk: PageServer, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.desk.store.work._AT_ONCE", 2)
    await pool.execute(
        "UPDATE desk.items SET confidentiality = 'reserve' WHERE chrono LIKE '%000005'"
    )
    agent = await Browser(desk).sign_in("a.gent")
    page = await agent.page("/courriers?qui=tous&tri=-numero")
    (link,) = BeautifulSoup(page, "html.parser").select(".exports a[href*='/csv']")
    answer = await agent.get(str(link["href"]))
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[0][-1] for row in rows[1:]] == ["4", "3", "2", "1"], "nor what they know nothing of"
    late = await agent.get("/courriers/export/csv?qui=tous&tas=retard")
    assert len(list(csv.reader(io.StringIO(late.content.decode("utf-8-sig")), delimiter=";"))) == 2
    assert (await agent.get("/courriers/export/pdf")).status_code == 404
    noted = await pool.fetch("SELECT page FROM desk.journal WHERE what = 'download'")
    assert {row["page"] for row in noted} == {"/courriers/export/{kind}"}
    secretary = await Browser(desk).sign_in("s.general")
    whole = (await secretary.get("/courriers/export/csv")).content.decode("utf-8-sig")
    assert "(réservé)" in whole
