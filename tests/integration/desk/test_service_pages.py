"""The lists that services work from: heaps, filters in the address, pages, several decisions."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.pages.serve import PageServer
from services.desk.pages.service import item_list
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival, certain, digest, rules
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> PageServer:
    """Four items of bmi (one late, one at risk), one of dre."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    arrivals: list[Any] = [
        an_arrival(name, routing=certain(), correspondent=digest(name)) for name in "abcd"
    ]
    elsewhere = certain("association", "dre")
    arrivals.append(an_arrival("e", routing=elsewhere, correspondent=digest("e")))
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, arrivals, TODAY)
        for number, due, risk in ((1, 8, False), (2, 13, True), (3, 19, False)):
            await connection.execute(
                "UPDATE desk.items SET due = $2, at_risk = $3 WHERE chrono = $1",
                f"36-2026-A-00000{number}",
                date(2026, 5, due),
                risk,
            )
    return pages(pool, clock, tmp_path)


def chronos(page: str) -> list[int]:
    """The last digits of the items of a list, in its order."""
    links = BeautifulSoup(page, "html.parser").select("tbody th[scope=row] a[href^='/courrier/']")
    return [int(link.text[-1]) for link in links]


def tabs(page: str) -> dict[str, int]:
    found = BeautifulSoup(page, "html.parser").select(".tabs a")
    words = (link.text.rpartition(" (") for link in found)
    return {name.strip(): int(count.rstrip(")")) for name, _, count in words}


async def test_an_agent_has_their_items_and_those_that_nobody_took(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    assert (await agent.get("/")).headers["location"] == "/courriers"
    page = await agent.page("/courriers")
    assert (tabs(page), chronos(page)) == ({"Les miens": 0, "À prendre": 4}, [])
    await agent.send("/courrier/2", "/courrier/36-2026-A-000002/prendre")
    page = await agent.page("/courriers")
    assert tabs(page) == {"Les miens": 1, "À risque": 1, "À prendre": 3}
    assert chronos(page) == [2]
    assert chronos(await agent.page("/courriers?tas=libre")) == [1, 3, 4]
    everybody = await agent.page("/courriers?qui=tous")
    assert chronos(everybody) == [1, 2, 3, 4], "by limit, what has none last; nothing of dre"
    assert chronos(await agent.page("/courriers?qui=tous&tas=retard")) == [1]
    assert chronos(await agent.page("/courriers?qui=tous&service=dre")) == []
    assert "en retard de 2 jours ouvrés" in everybody, "due on Friday the 8th: Monday, Tuesday"


async def test_a_page_goes_on_where_the_last_one_ended(
    desk: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_list, "A_PAGE", 3)
    head = await Browser(desk).sign_in("b.head")
    page = await head.page("/courriers")
    assert chronos(page) == [1, 2, 3], "what nobody has taken is the head's"
    following = BeautifulSoup(page, "html.parser").select_one('.pages a[rel="next"]')
    assert following is not None
    last = await head.page(str(following["href"]))
    assert chronos(last) == [4]
    assert 'rel="next"' not in last


async def test_several_at_once_each_decided_alone_and_refusals_line_by_line(
    desk: PageServer, pool: Pool
) -> None:
    agent, url = await Browser(desk).sign_in("a.gent"), "/courriers?tas=libre"
    fields = {
        "chrono": ["36-2026-A-000001", "36-2026-A-000003", "36-2026-A-000005"],
        "faire": "prendre",
    }
    answer = await agent.send(url, "/courriers/lot", fields)
    assert answer.status_code == 200
    assert "Pris en charge : 2 courriers." in answer.text
    assert "36-2026-A-000005</a> : Ce courrier est suivi par un autre service." in answer.text
    assert chronos(answer.text) == [2, 4]
    taken = await pool.fetch("SELECT chrono FROM desk.items WHERE agent = 'a.gent' ORDER BY chrono")
    assert [row["chrono"][-1] for row in taken] == ["1", "3"]
    fields = {"chrono": ["36-2026-A-000001", "36-2026-A-000003"], "faire": "classer"}
    refused = await agent.send("/courriers", "/courriers/lot", fields)
    assert refused.status_code == 422
    assert "Choisissez pourquoi ces courriers sont classés." in refused.text
    assert refused.text.count(" checked") == 2, "what was ticked stays so"
    page = await agent.to(
        await agent.send("/courriers", "/courriers/lot", {**fields, "reason": "sans-suite"})
    )
    assert "Classé : 2 courriers." in page


async def test_several_are_transmitted_to_another_administration_as_one_is(
    desk: PageServer, pool: Pool
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    fields = {
        "chrono": ["36-2026-A-000001", "36-2026-A-000003", "36-2026-A-000005"],
        "faire": "dehors",
        "way": "sait",
    }
    refused = await agent.send("/courriers", "/courriers/lot", fields)
    assert "Choisissez l’administration compétente." in refused.text
    answer = await agent.send("/courriers", "/courriers/lot", {**fields, "to": "mairie"})
    assert "Transmis hors de la préfecture : 2 courriers." in answer.text
    assert "36-2026-A-000005</a> : Ce courrier est suivi par un autre service." in answer.text
    ended = await pool.fetch("SELECT chrono FROM desk.items WHERE state = 'transferred'")
    assert sorted(row["chrono"][-1] for row in ended) == ["1", "3"]


async def test_the_chef_sees_who_holds_what_and_who_is_away(desk: PageServer, pool: Pool) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    await agent.send("/courrier/1", "/courrier/36-2026-A-000001/prendre")
    async with transaction(pool) as connection:
        day = (TODAY + timedelta(days=1)).date()
        away = Absence(person="a.gent", first=TODAY.date(), last=day)
        await people_store.add_absence(connection, away, "tests", TODAY)
    head = await Browser(desk).sign_in("b.head")
    page = BeautifulSoup(await head.page("/service/bmi/charge"), "html.parser")
    rows = {row.th.text.split("\n")[0]: row for row in page.select("tbody tr")}  # type: ignore[union-attr]  # the page has it
    mine = next(row for name, row in rows.items() if "A.gent" in name)
    assert [cell.text for cell in mine.select("td")] == ["1", "1", "0", "0", "11/05/2026"]
    assert "en absence, sans suppléant" in mine.text
    assert "3 que personne n’a pris" in page.text


async def test_a_stranger_s_list_has_nothing_of_another_service(desk: PageServer) -> None:
    stranger = await Browser(desk).sign_in("r.gent")
    assert chronos(await stranger.page("/courriers?qui=tous")) == [5]
    assert chronos(await stranger.page("/courriers?qui=tous&service=bmi")) == []


async def test_a_reserved_item_is_a_line_without_words_for_who_sees_it_a_list_notes_no_reading(
    desk: PageServer, pool: Pool
) -> None:
    await pool.execute(
        """
        INSERT INTO desk.search (id, kind, at, chrono, sender, subject, body)
        SELECT item_id, 'item', registered_at, chrono, 'Ana', 'état de santé', ''
        FROM desk.items WHERE chrono = '36-2026-A-000001'
        """
    )
    url = "/courriers?qui=tous&service=bmi"
    office, agent, head = [
        await Browser(desk).sign_in(who) for who in ("c.lerk", "a.gent", "b.head")
    ]
    assert "état de santé" in await agent.page(url)
    await head.send(
        "/courrier/1/reclasser", "/courrier/36-2026-A-000001/reclasser",
        {"confidentiality": "reserve"},
    )  # fmt: skip
    for who in (head, office):
        for list_ in (url, "/service/bmi"):
            page = await who.page(list_)
            assert chronos(page) == [1, 2, 3, 4]
            assert "état de santé" not in page
    read = "SELECT count(*) FROM desk.readings WHERE person = 'b.head'"
    before = await pool.fetchval(read)
    await head.page("/courrier/36-2026-A-000001")
    assert await pool.fetchval(read) == before + 1
    assert chronos(await agent.page(url)) == [2, 3, 4]
    assert tabs(await agent.page(url))["Tous"] == 3
    assert chronos(await agent.page("/service/bmi")) == [2, 3, 4]
