"""The version before and today's run together on one database, each on what the other tells."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from services.desk.domain.matching import LinkReason
from services.desk.evidence.verification import night
from services.desk.store import sheets
from services.ops.replanner import make_replanning
from shared.facts.arrivals import ScanMarks
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import Channel
from shared.platform.postgres.migrate import migrate
from shared.site import store
from tests.golden.upgrade import written
from tests.golden.upgrade.before import Before, commit_before, running, tree_of
from tests.golden.upgrade.filling import LAST
from tests.golden.upgrade.programs import SCHEMAS, Programs, opened
from tests.roles import under_role

LEFT = Path(written.__file__).parent / "0.1.0"


@dataclass
class Together:
    """Both versions' programs on one database, which today's migrations made."""

    url: str
    owner: Any
    before: Before
    today: Programs

    async def pass_all(self, now: datetime) -> None:
        """Both hear all that either told, until neither says anything new."""
        last = -1
        while (told := await self.told()) != last:
            last = told
            await self.before.do("passes", now)
            await self.today.passes(now)

    async def told(self) -> int:
        counts = [
            await self.owner.fetchval(f"SELECT count(*) FROM {schema}.outbox")  # noqa: S608  (a name of ours)
            for schema in SCHEMAS
        ]
        return sum(counts)

    async def holds(self, now: datetime) -> int:
        """Items of today's verification of everything, in which nothing differs."""
        report = await night.once(
            self.today.pools["desk"], SecretStr(under_role(self.url, "desk")), self.today.rules,
            make_replanning(), self.today.blobs, None, now, patience=0.0,
        )  # fmt: skip
        assert report is not None
        assert [str(each) for each in report.differences] == []
        for schema in SCHEMAS:
            dead = await self.owner.fetch(f"SELECT * FROM {schema}.dead_letters")  # noqa: S608  (a name of ours)
            assert [dict(row) for row in dead] == []
        return report.items


@pytest.fixture
async def together(postgres_server_url: str, tmp_path: Path) -> AsyncIterator[Together]:
    tree = tree_of(commit_before(), tmp_path / "before")
    name = f"beside_{uuid4().hex}"
    url = urlsplit(postgres_server_url)._replace(path=f"/{name}").geturl()
    blobs = Path(shutil.copytree(LEFT / "blobs", tmp_path / "blobs"))
    server: Any = await asyncpg.connect(postgres_server_url)
    await server.execute(f'CREATE DATABASE "{name}"')
    owner: Any = await asyncpg.connect(url)
    try:
        await written.read(owner, LEFT)
        await migrate(owner)
        async with opened(url, blobs) as today, running(tree, url, blobs) as before:
            yield Together(url, owner, before, today)
    finally:
        await owner.close()
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()


async def reply_clock_facts(owner: Any, item: str) -> list[str]:
    rows = await owner.fetch(
        "SELECT payload FROM sla.outbox WHERE topic = 'clocks' AND key = $1 ORDER BY id", item
    )
    told = [json.loads(row["payload"]) for row in rows]
    return [fact["type"] for fact in told if fact.get("clock") == "reply"]


async def test_two_versions_work_on_one_database_and_either_goes_on_alone(
    together: Together,
) -> None:
    before, today, owner = together.before, together.today, together.owner
    now = LAST + timedelta(days=1)
    await together.pass_all(now)
    items = await together.holds(now)

    # Each registers what comes in through its own door; the other hears of it.
    theirs = await before.do("arrives", now, name="beside-before", channel="email")
    ours = await today.arrives("beside-today", now, Channel.EMAIL)
    now += timedelta(days=1)
    await together.pass_all(now)
    assert await together.holds(now) == items + 2

    # A paper that bears our code: the version before reads why it is linked, by a word of its own.
    named = await owner.fetchval("SELECT chrono FROM desk.items WHERE item_id = $1", UUID(theirs))
    marks = ScanMarks(refers_to=named, refers_by_code=True)
    paper = await today.arrives("beside-paper", now, Channel.LETTER, scan=marks)
    assert await before.do("linked", now, item=str(paper)) == "likeness"
    async with today.pools["desk"].acquire() as connection:
        linked = (await sheets.sheet(connection, paper)).linked
    assert linked is not None
    assert linked.why is LinkReason.OUR_CODE
    await together.pass_all(now)

    # The same rules, applied once more by today's programs, are read by both.
    applied = await store.current(owner)
    await store.keep(owner, applied.site, applied.days, "q.officer", "tests", now)

    # Each answers what the other registered; the clock of the reply stops once.
    later = now + timedelta(days=1)
    await before.do("replies", later, item=str(ours))
    await today.replies(ItemId(UUID(theirs)), later)
    await together.pass_all(later)
    for item in (str(ours), theirs):
        assert await reply_clock_facts(owner, item) == ["ClockStarted", "ClockStopped"]
    await together.holds(later)

    # And back: the version before goes on alone, on what today's wrote.
    alone = later + timedelta(days=1)
    last = await before.do("arrives", alone, name="beside-alone", channel="letter")
    await before.do("replies", alone, item=last)
    await before.do("passes", alone)
    await together.pass_all(alone)
    assert await reply_clock_facts(owner, last) == ["ClockStarted", "ClockStopped"]
    assert await together.holds(alone) == items + 4
