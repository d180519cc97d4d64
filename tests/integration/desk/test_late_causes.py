"""Why a reply was late: one optional key once it has left, a statement that can be corrected."""

from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.pages.serve import PageServer
from shared.facts import ids
from shared.facts.clocks import ClockStarted
from shared.facts.items import ITEMS
from shared.facts.items.replies import LateExplained
from shared.facts.vocabulary import LateCause
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival, certain
from tests.integration.desk.clocked import clock
from tests.integration.desk.findings import hear
from tests.integration.desk.proven import named

pytestmark = pytest.mark.usefixtures("live_site")

FIRST = "/courrier/36-2026-A-000001"
ITEM = ids.item_id("indre", an_arrival().arrival_id)
SAY = f"{FIRST}/cause-retard"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    await hear(pool, an_arrival(routing=certain()))
    return pages(pool, story_clock, tmp_path)


async def causes(pool: Pool) -> list[LateCause]:
    rows = await pool.fetch(
        "SELECT payload FROM desk.facts WHERE type = 'LateExplained' ORDER BY seq"
    )
    found = [ITEMS.validate_json(row["payload"]) for row in rows]
    return [fact.cause for fact in found if isinstance(fact, LateExplained)]


def keys(page: str) -> dict[str, str]:
    """Key and words of the buttons that ask for the cause."""
    found = BeautifulSoup(page, "html.parser")
    return {
        str(tag["data-key"]): tag.get_text(" ", strip=True)
        for tag in found.select("section[aria-labelledby=retard] button")
    }


async def test_one_key_says_why_a_reply_that_has_left_is_late_and_another_corrects_it(
    desk: PageServer, pool: Pool
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    await clock(
        pool, ClockStarted, ITEM, 1,
        commitment="x", day_zero=date(2026, 4, 20), rules=1, limit=date(2026, 5, 4),
    )  # fmt: skip
    assert keys(await agent.page(FIRST)) == {}, "asked once the reply has left"
    left = {"kind": "reply", "day": "2026-05-12"}
    page = await agent.to(await agent.send(f"{FIRST}/depart", f"{FIRST}/depart", left))
    asked = keys(page)
    assert sorted(asked) == [str(n) for n in range(1, 10)]
    assert asked["5"].startswith("Signature")
    page = await agent.to(await agent.send(FIRST, SAY, {"cause": "signature"}))
    assert keys(page) == {}
    assert "Cause du retard : signature" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert await pool.fetchval("SELECT late_cause FROM desk.items") == "signature"
    await agent.to(await agent.send(SAY, SAY, {"cause": "volume"}))
    assert await causes(pool) == [LateCause.SIGNATURE, LateCause.VOLUME]
    assert await pool.fetchval("SELECT late_cause FROM desk.items") == "volume"
    refused = await agent.send(SAY, SAY, {"cause": "volume"})
    assert refused.status_code == 422
    last = await pool.fetchval("SELECT max(seq) FROM desk.facts WHERE item_id = $1", ITEM)
    page = await agent.to(await agent.send(FIRST, f"{FIRST}/annuler", {"seq": str(last)}))
    assert await pool.fetchval("SELECT late_cause FROM desk.items") == "signature"
    # The clock is told by hand: sla would not have planned it.
    found = await named(pool, "chains")
    assert [difference for difference in found if ": reply: " not in difference] == []


async def test_a_reply_in_time_has_no_cause_to_say(desk: PageServer, pool: Pool) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    await clock(
        pool, ClockStarted, ITEM, 1,
        commitment="x", day_zero=date(2026, 5, 11), rules=1, limit=date(2026, 6, 4),
    )  # fmt: skip
    left = {"kind": "reply", "day": "2026-05-12"}
    page = await agent.to(await agent.send(f"{FIRST}/depart", f"{FIRST}/depart", left))
    assert keys(page) == {}
    assert (await agent.send(FIRST, SAY, {"cause": "signature"})).status_code in {404, 422}
    assert await causes(pool) == []
