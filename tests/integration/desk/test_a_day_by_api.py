"""A day by the API alone, as docs/how-to/a-day-by-api.py plays it, and the same day by pages."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from pydantic import SecretStr

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock, open_clock
from shared.platform.database import Pool, open_pool, transaction
from tests.clones import Clones
from tests.desk_browser import TODAY, Browser
from tests.desk_builders import an_arrival, digest, proposed
from tests.integration.desk.clocked import ARRIVALS, NOW
from tests.integration.desk.programs import a_register, given
from tests.integration.desk.test_hostile_requests import served_at
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

SCRIPT: Final = Path(__file__).resolve().parents[3] / "docs/how-to/a-day-by-api.py"
DAY: Final = TODAY.date().isoformat()
QUEUE: Final = "/bureau/a-qualifier"
COUNTER: Final = "/bureau/guichet"
OWN: Final = {"event_id", "item_id", "by", "via", "pli"}
"""Of a fact: what is its own, whoever states it."""


async def mail(pool: Pool, clock: Clock, folder: Path) -> PageServer:
    """The morning of a register: three items, and two that wait to be sorted."""
    desk = await a_register(pool, clock, folder)
    async with transaction(pool) as connection:
        unsorted = [
            an_arrival(name, routing=routing, correspondent=digest(name))
            for name, routing in (("d", proposed()), ("e", proposed("association")))
        ]
        await ARRIVALS(connection, unsorted, NOW)
    return desk


async def by_api(desk: PageServer) -> str:
    program = await given(desk, KeyScope.ITEMS, KeyScope.DECIDE, services=None)
    async for url in served_at(desk.app):
        played = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), url, program.token, DAY,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await played.communicate()
        assert played.returncode == 0, said.decode()
    return said.decode()


async def by_pages(desk: PageServer) -> None:
    clerk = await Browser(desk).sign_in("c.lerk")

    async def decided(page: str, action: str, **fields: str) -> None:
        answer = await clerk.send(page, action, fields)
        assert answer.status_code == 303, (action, answer.text)

    async def item(number: int, slug: str, *, at_once: bool = False, **fields: str) -> None:
        page = f"/courrier/36-2026-A-00000{number}"
        await decided(page if at_once else f"{page}/{slug}", f"{page}/{slug}", **fields)

    for category, subject, name in (
        ("titre-de-sejour", "Une carte perdue", "Ada Essai"),
        ("association", "Des statuts", "Les Amis du canal"),
    ):
        said = {"category": category, "subject": subject, "name": name}
        await decided(COUNTER, f"{COUNTER}/enregistrer", **said)
    for number, fields in ((5, {"service": "dre"}), (4, {})):
        page = f"{QUEUE}/36-2026-A-00000{number}"
        await decided(page, f"{page}/confirmer", **fields)
    for number, agent in ((7, "r"), (6, "a"), (5, "r"), (4, "a"), (3, "r"), (1, "a")):
        await item(number, "attribuer", agent=f"{agent}.gent")
    await item(1, "pieces", piece="passeport", until="2026-06-05", way="deja")
    await item(1, "pieces-recues", at_once=True)
    await item(1, "depart", kind="reply", day=DAY)
    await item(3, "signature", signatory="b.head")
    await item(3, "retour-signature", at_once=True)
    await item(3, "declarer", day=DAY)
    await item(7, "classer", reason="sans-suite")


async def register(pool: Pool) -> Sequence[tuple[Any, ...]]:
    """What the register says of each item: its row, and its facts without what is their own."""
    rows = await pool.fetch(
        "SELECT item_id, chrono, seq, state, channel, category, nature, perimeter, priority,"
        " confidentiality, service, agent, signatory, received_on, copies, answered_at"
        " FROM desk.items ORDER BY chrono"
    )
    found = []
    for row in rows:
        facts = await pool.fetch(
            "SELECT payload FROM desk.facts WHERE item_id = $1 ORDER BY seq", row["item_id"]
        )
        said = [orjson.loads(fact["payload"]) for fact in facts]
        without = [{k: v for k, v in fact.items() if k not in OWN} for fact in said]
        found.append((*tuple(row)[1:], without))
    left = await pool.fetch("SELECT chrono, recorded_at FROM desk.departures ORDER BY chrono")
    return [*found, *map(tuple, left)]


async def test_a_day_by_the_api_alone_ends_with_the_register_of_the_same_day_by_pages(
    pool: Pool, story_clock: Clock, live_clones: Clones, tmp_path: Path
) -> None:
    assert len(SCRIPT.read_text().splitlines()) <= 150
    said = await by_api(await mail(pool, story_clock, tmp_path / "api"))
    assert said.splitlines() == [
        "answered 36-2026-A-000001 36-2026-A-000003",
        "closed 36-2026-A-000007",
    ]
    async with live_clones.one() as url:
        async with one_transaction(url) as owner:
            await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
        other = await open_pool(SecretStr(under_role(url, "desk")), "tests")
        clock = await open_clock(other, SecretStr(under_role(url, "desk")))
        await by_pages(await mail(other, clock, tmp_path / "pages"))
        expected = await register(other)
        await other.close()
    assert await register(pool) == expected
    by = await pool.fetch("SELECT DISTINCT by FROM desk.facts WHERE recorded_at = $1", TODAY)
    assert {row["by"].partition(":")[0] for row in by} <= {"application", "person", "service"}
