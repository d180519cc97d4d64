"""The API gives nothing by halves, calls nobody by name, and tells a proposal from a fact."""

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from services.desk.api.domain.keys import KeyScope
from services.desk.api.store import overviews
from services.desk.decider import Decider
from services.desk.domain.decisions import CorrectReceipt
from services.desk.pages.serve import PageServer
from services.desk.store.visibility import ALL
from shared.facts import ids
from shared.facts.envelope import PersonId
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import TODAY
from tests.desk_builders import an_applied_site, an_arrival, digest, proposed
from tests.integration.desk.clocked import ARRIVALS, NOW
from tests.integration.desk.programs import ELSEWHERE, FIRST, RESERVED, a_register, given

pytestmark = pytest.mark.usefixtures("live_site", "environment")

ITEM = ids.item_id("indre", an_arrival("a").arrival_id)


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


async def test_a_deadline_that_can_not_be_read_is_no_item_without_a_deadline(
    desk: PageServer, pool: Pool
) -> None:
    program = await given(desk, KeyScope.ITEMS, KeyScope.CONTENT, services=None)
    await pool.execute("UPDATE desk.clocks SET told = '[{}]' WHERE item_id = $1", ITEM)
    for path in ("", "/clocks"):
        answer = await program.get(f"/items/{FIRST}{path}", **{"accept-language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (500, "unreadable"), path
        assert "ask again once it is repaired" in answer.json()["title"]
    assert (await program.get(f"/items/{ELSEWHERE}")).status_code == 200


async def test_deadlines_say_who_corrected_a_day_by_service_not_by_name(
    desk: PageServer, pool: Pool
) -> None:
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        agent = directory.people[PersonId("a.gent")]
        by = Decider(connection, agent, uuid4(), TODAY, an_applied_site(), directory)
        await by.about(ITEM, CorrectReceipt(date(2026, 5, 7), "timbre-a-date"))
    for scopes in ((KeyScope.ITEMS,), (KeyScope.ITEMS, KeyScope.CONTENT)):
        answer = await (await given(desk, *scopes)).get(f"/items/{FIRST}/clocks")
        assert answer.status_code == 200
        said = " ".join(answer.json()["clocks"][0]["reasons"])
        assert "Réception corrigée" in said
        assert "par un agent (Bureau bmi) le " in said
        assert [word for word in (agent.first_name, agent.name) if word in answer.text] == []


@pytest.mark.parametrize("other", [RESERVED, ELSEWHERE])
@pytest.mark.parametrize("survives", [True, False])
async def test_an_item_names_none_that_the_key_may_not_know_of(
    desk: PageServer, pool: Pool, other: str, *, survives: bool
) -> None:
    """Réservé or of another service; the other survives the merger, or is absorbed."""
    with_it = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", other)
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        head, site = directory.people[PersonId("b.head")], an_applied_site()
        by = Decider(connection, head, uuid4(), TODAY, site, directory, sees=lambda _: True)
        await by.merge(*((ITEM, with_it) if survives else (with_it, ITEM)))
    whole = await given(desk, KeyScope.ITEMS, KeyScope.RESERVED, services=None)
    item = (await whole.get(f"/items/{FIRST}")).json()
    assert (item["merged_into"], item["absorbed"]) == ((other, []) if survives else (None, [other]))
    blind = await given(desk, KeyScope.ITEMS)
    for path in ("", "/clocks"):
        answer = await blind.get(f"/items/{FIRST}{path}")
        assert answer.status_code == 200
        assert other not in answer.text, path
        assert (other in (await whole.get(f"/items/{FIRST}{path}")).text) or path, path
    if not survives:
        said = (await blind.get(f"/items/{FIRST}/clocks")).json()["clocks"][0]["reasons"]
        assert [row for row in said if row.startswith("Un autre courrier, reçu le ")]


async def test_what_nobody_confirmed_is_marked_in_lists_and_alone(
    desk: PageServer, pool: Pool
) -> None:
    unsorted = an_arrival("d", routing=proposed(), correspondent=digest("d"))
    async with transaction(pool) as connection:
        await ARRIVALS(connection, [unsorted], NOW)
    program = await given(desk, KeyScope.ITEMS)
    listed = (await program.get("/items")).json()["items"]
    assert [(row["chrono"], row["state"], row["confirmed"]) for row in listed] == [
        ("36-2026-A-000004", "to_qualify", False),
        (FIRST, "open", True),
    ]
    for row in listed:
        item = (await program.get(f"/items/{row['chrono']}")).json()
        assert item["confirmed"] is row["confirmed"]


async def test_a_page_of_departures_is_planned_for_its_own_parameters(pool: Pool) -> None:
    """A plan for any parameters would read every departure: whether one begins behind is one."""
    async with transaction(pool) as connection:
        assert await overviews.departures(connection, ALL, None, 50) == []
        assert await connection.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
