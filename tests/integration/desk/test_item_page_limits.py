"""An item's page: how its limits count, what moved them, by which version; what is said again."""

from datetime import date, timedelta

import pytest

from services.desk.pages.item import item_page
from services.desk.pages.serve import PageServer
from shared.errors import TemporaryFailure
from shared.facts.clocks import ClockCorrected, ClockStarted, ClockStopped, LimitMoved, Outcome
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.test_item_pages import (
    FIRST,
    TODAY,
    desk,  # noqa: F401  (a fixture)
    hear_sla,
    told,
)
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")


async def test_a_limit_that_sla_moves_is_the_one_that_the_page_counts(
    desk: PageServer,  # noqa: F811  (the fixture)
    pool: Pool,
) -> None:
    started = told(ClockStarted, 1, commitment="x", day_zero=date(2026, 5, 11), rules=1)
    await hear_sla(pool, started)
    agent = await Browser(desk).sign_in("a.gent")
    page = await agent.page(FIRST)
    assert "mardi 19 mai 2026" in page
    assert "reste 4 jours ouvrés" in page, "Wednesday, Friday, Monday, Tuesday: not Ascension Day"
    moved = told(
        LimitMoved, 2, limit=date(2026, 6, 3), before=date(2026, 5, 19), why="ItemReclassified",
        rules=1,
    )  # fmt: skip
    await hear_sla(pool, moved)
    page = await agent.page(FIRST)
    assert "mercredi 3 juin 2026" in page
    assert "Limite : mercredi 3 juin 2026 au lieu du mardi 19 mai 2026" in page
    assert page.count("19 mai") == 1


async def test_a_settled_limit_is_explained_by_the_version_of_its_stop_and_not_by_todays(
    desk: PageServer,  # noqa: F811  (the fixture)
    pool: Pool,
    postgres_url: str,
) -> None:
    await hear_sla(
        pool,
        told(ClockStarted, 1, commitment="x", day_zero=date(2026, 5, 11), rules=1),
        told(ClockStopped, 2, outcome=Outcome.KEPT, raw=1, net=1),
    )
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            INSERT INTO site.versions
            SELECT version + 1, digest, bundle, days, 'x', 'y', $1 FROM site.versions
            """,
            TODAY + timedelta(hours=1),
        )
    agent = await Browser(desk).sign_in("a.gent")
    assert "Compté avec les règles version 1, en vigueur depuis" in await agent.page(FIRST)
    await hear_sla(pool, told(ClockCorrected, 3, outcome=None, raw=None, net=None, why="x"))
    assert "Compté avec les règles version 2, en vigueur depuis" in await agent.page(FIRST)


async def test_what_was_done_is_still_said_after_a_page_that_could_not_read_its_files(
    desk: PageServer,  # noqa: F811  (the fixture)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object) -> None:
        raise TemporaryFailure("The blob folder is away.")

    agent = await Browser(desk).sign_in("a.gent")
    led = await agent.send(FIRST, f"{FIRST}/prendre")
    with monkeypatch.context() as broken:
        broken.setattr(item_page, "addressee", away)
        assert (await agent.get(led.headers["location"])).status_code == 503
    said = "Le courrier 36-2026-A-000001 est à vous."
    assert said in await agent.page(FIRST)
    assert said not in await agent.page(FIRST), "once"
