"""Two items become one on a page, and two again on the page that says so."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival, certain, digest, proposed
from tests.integration.desk.findings import hear

pytestmark = pytest.mark.usefixtures("live_site")

FIRST = "/courrier/36-2026-A-000001"
SECOND = "/courrier/36-2026-A-000002"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    await hear(pool, an_arrival(routing=certain()))
    return pages(pool, story_clock, tmp_path)


async def test_merged_then_parted_again(desk: PageServer, pool: Pool) -> None:
    await hear(pool, an_arrival("b", routing=certain(), correspondent=digest("b")))
    agent, url = await Browser(desk).sign_in("a.gent"), f"{SECOND}/fusionner"
    wrong = await agent.send(url, url, {"into": "999"})
    assert "Aucun courrier ne porte le numéro 36-2026-A-000999." in wrong.text
    page = await agent.to(await agent.send(url, url, {"into": "1"}))
    assert "Fusionné ici : 36-2026-A-000002" in page
    merged = await pool.fetchval("SELECT seq FROM desk.facts WHERE type = 'ItemMergedInto'")
    page = await agent.to(await agent.send(SECOND, f"{SECOND}/annuler", {"seq": str(merged)}))
    assert "à traiter" in page


@pytest.mark.parametrize("who", ["a.gent", "b.head", "s.general", "c.lerk"])
async def test_the_page_of_a_merged_item_has_the_button_that_parts_it_again(
    desk: PageServer, pool: Pool, who: str
) -> None:
    """For whoever merged them and for everybody who may decide; not for who only reads."""
    await hear(pool, an_arrival("b", routing=certain(), correspondent=digest("b")))
    agent, url = await Browser(desk).sign_in("a.gent"), f"{SECOND}/fusionner"
    await agent.send(url, url, {"into": "1"})
    reader = await Browser(desk).sign_in("q.officer")
    assert "Annuler" not in await reader.page(SECOND)
    other = await Browser(desk).sign_in(who)
    page = BeautifulSoup(await other.page(SECOND), "html.parser")
    button = page.find("button", string="Annuler la fusion")
    assert button is not None
    form = button.find_parent("form")
    assert form is not None
    seq = form.find("input", attrs={"name": "seq"})
    assert seq is not None
    parted = await other.to(
        await other.send(SECOND, str(form["action"]), {"seq": str(seq["value"])})
    )
    assert "à traiter" in parted
    assert "Annuler la fusion" not in parted
    assert "<del>Fusionné ici : 36-2026-A-000002</del> (annulé)" in await agent.page(FIRST)


async def test_what_nobody_had_qualified_is_to_be_qualified_again_once_a_merger_is_undone(
    desk: PageServer, pool: Pool
) -> None:
    unsorted = an_arrival("b", routing=proposed(), correspondent=digest("b"))
    await hear(pool, unsorted)
    clerk, url = await Browser(desk).sign_in("c.lerk"), f"{SECOND}/fusionner"
    await clerk.send(url, url, {"into": "1"})
    merged = await pool.fetchval("SELECT seq FROM desk.facts WHERE type = 'ItemMergedInto'")
    await clerk.send(SECOND, f"{SECOND}/annuler", {"seq": str(merged)})
    state = "SELECT state FROM desk.items WHERE chrono = '36-2026-A-000002'"
    assert await pool.fetchval(state) == "to_qualify"
