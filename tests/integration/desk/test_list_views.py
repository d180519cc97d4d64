"""Lists kept under a name: made from the list as it is shown, renamed, deleted, and by whom."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.pages.serve import PageServer
from services.desk.retention.purge import forget
from services.desk.store import list_views
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY, Browser, pages
from tests.integration.desk.clocked import items
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LIST, VIEWS, KEEP = "/courriers", "/courriers/vues", "/courriers/vues/garder"
SHOWN = "/courriers?service=bmi&qui=tous&canal=email&tas=libre&tri=-recu"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    await items(pool, "a", "b")
    return pages(pool, story_clock, tmp_path)


def links(page: str) -> dict[str, str]:
    """The views that the list offers, by name."""
    found = BeautifulSoup(page, "html.parser").select(".views a:not(.quiet)")
    return {" ".join(link.text.split()): str(link["href"]) for link in found}


async def keep(browser: Browser, name: str, shown: str = SHOWN, **more: str) -> str:
    """Keeps a list as it is shown; returns the page that follows."""
    page = BeautifulSoup(await browser.page(shown), "html.parser")
    held = page.select_one("[name=liste]")
    assert held is not None
    fields = {"liste": str(held["value"]), "nom": name, **more}
    return await browser.to(await browser.send(shown, KEEP, fields))


async def test_a_view_is_the_list_as_it_was_shown(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    assert links(await agent.page(LIST)) == {}
    page = await keep(agent, "  Courriels   à prendre ", f"{SHOWN}&apres=2026-05-12~36")
    assert "Vue « Courriels à prendre » enregistrée." in page.replace("\u00a0", " ")
    assert links(page) == {"Courriels à prendre": SHOWN}, "from its first page on"
    current = BeautifulSoup(page, "html.parser").select_one(".views a[aria-current=page]")
    assert current is not None
    assert current["href"] == SHOWN
    other = await Browser(desk).sign_in("b.head")
    assert links(await other.page(LIST)) == {}, "it is the agent's own"


async def test_a_services_views_are_its_heads_and_shown_to_who_works_there(
    desk: PageServer,
) -> None:
    head, agent = [await Browser(desk).sign_in(who) for who in ("b.head", "a.gent")]
    stranger = await Browser(desk).sign_in("r.gent")
    refused = await agent.send(SHOWN, KEEP, {"liste": SHOWN, "nom": "À nous", "pour": "bmi"})
    assert refused.status_code == 422
    assert "Seul le responsable d’un service" in refused.text
    await keep(head, "En attente", pour="bmi")
    assert list(links(await agent.page(LIST))) == ["En attente Bureau bmi"]
    assert links(await stranger.page(LIST)) == {}
    page = await head.page(VIEWS)
    (action,) = BeautifulSoup(page, "html.parser").select("form[action$='/renommer']")
    here = str(action["action"])
    assert "/renommer" not in await agent.page(VIEWS)
    for url in (here, here.replace("/renommer", "/supprimer")):
        answer = await agent.send(LIST, url, {"nom": "Autrement"})
        assert answer.status_code == 404
    page = await head.to(await head.send(VIEWS, here, {"nom": "Ce qui attend"}))
    assert "Ce qui attend" in page
    assert list(links(await agent.page(LIST))) == ["Ce qui attend Bureau bmi"]
    await head.to(await head.send(VIEWS, here.replace("/renommer", "/supprimer")))
    assert links(await agent.page(LIST)) == {}


async def test_a_name_is_given_once_and_not_too_long(
    desk: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    await keep(agent, "Mes recours")
    for name, why in (
        ("", "Donnez un nom à cette vue."),
        ("MES RECOURS", "Une vue porte déjà ce nom"),
        ("x" * 61, "60 caractères au plus"),
    ):
        refused = await agent.send(SHOWN, KEEP, {"liste": SHOWN, "nom": name})
        assert refused.status_code == 422
        assert why in refused.text, name
        assert " open" in refused.text.partition("keep")[2][:60], "its form is open"
    await keep(agent, "Autres")
    page = BeautifulSoup(await agent.page(VIEWS), "html.parser")
    first = str(page.select("form[action$='/renommer']")[0]["action"])
    refused = await agent.send(VIEWS, first, {"nom": "mes recours"})
    assert refused.status_code == 422
    monkeypatch.setattr(list_views, "MOST", 2)
    refused = await agent.send(SHOWN, KEEP, {"liste": SHOWN, "nom": "Une de trop"})
    assert "supprimez-en une" in refused.text


async def test_a_view_whose_filter_is_gone_is_said_and_not_offered(
    desk: PageServer, pool: Pool
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    await keep(agent, "Ancien bureau")
    await pool.execute(
        "UPDATE desk.saved_views SET query = replace(query, 'service=bmi', 'service=parti')"
    )
    assert links(await agent.page(LIST)) == {}, "it would show every service"
    assert "un filtre n’existe plus" in await agent.page(VIEWS)


async def test_what_is_typed_as_a_list_is_no_address_elsewhere(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    fields = {"liste": "https://ailleurs.example/?qui=tous&x=1", "nom": "Dehors"}
    answer = await agent.send(LIST, KEEP, fields)
    assert answer.headers["location"] == "/courriers?qui=tous"


async def test_what_is_no_address_at_all_is_the_list_without_a_filter(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    for number, typed in enumerate(("http://[", "//[?", "", "?")):
        answer = await agent.send(LIST, KEEP, {"liste": typed, "nom": f"Rien {number}"})
        assert answer.headers["location"] == "/courriers?qui=moi", typed


async def test_a_list_of_who_left_is_kept_as_it_was_shown(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    page = await keep(agent, "De qui est parti", f"{LIST}?qui=parti")
    assert links(page) == {"De qui est parti": f"{LIST}?qui=tous"}


async def test_two_who_name_views_at_once_wait_for_each_other(
    desk: PageServer, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_views, "MOST", 3)
    agent = await Browser(desk).sign_in("a.gent")
    for name in ("Une", "Deux"):
        await keep(agent, name)
    rows = await pool.fetch("SELECT view FROM desk.saved_views ORDER BY name")
    renamed = await asyncio.gather(
        *(agent.send(VIEWS, f"{VIEWS}/{row['view']}/renommer", {"nom": "La même"}) for row in rows)
    )
    assert sorted(answer.status_code for answer in renamed) == [303, 422]
    kept = await asyncio.gather(
        *(agent.send(SHOWN, KEEP, {"liste": SHOWN, "nom": f"Autre {n}"}) for n in range(3))
    )
    assert sorted(answer.status_code for answer in kept) == [303, 422, 422]


async def test_views_of_who_left_are_forgotten(
    desk: PageServer, pool: Pool, postgres_url: str
) -> None:
    agent, head = [await Browser(desk).sign_in(who) for who in ("a.gent", "b.head")]
    await keep(agent, "À moi")
    await keep(head, "À nous", pour="bmi")
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "INSERT INTO site.people (person, first_name, name, capacity, email, phone, services,"
            " deputy, gone, valid_from, author)"
            " SELECT person, first_name, name, capacity, email, phone, services, deputy, true,"
            " $1, 'tests' FROM site.people WHERE person IN ('a.gent', 'b.head')"
            " ORDER BY person LIMIT 2",
            TODAY + timedelta(hours=1),
        )
    for later, left in ((timedelta(0), 2), (timedelta(hours=2), 1)):
        async with transaction(pool) as connection:
            await forget(connection, TODAY + later)
        assert await pool.fetchval("SELECT count(*) FROM desk.saved_views") == left
