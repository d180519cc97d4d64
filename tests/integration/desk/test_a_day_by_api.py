"""A day by API and webhooks, as docs/how-to/a-day-by-api.py plays it, and the same day by pages.

`desk keep` is a process between a real Kafka and a real PostgreSQL: by it mail comes in, and what
happens is told to the program.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import SecretStr

from deploy.embedded.ports import free_port
from deploy.embedded.programs import Starter
from services.desk.api.domain.keys import KeyScope
from services.desk.pages.serve import PageServer
from shared.platform.clock import open_clock
from shared.platform.database import Pool, open_pool
from shared.platform.kafka import topics
from shared.site import store
from tests.clones import Clones
from tests.code_keys import SECRET
from tests.desk_browser import TODAY, Browser
from tests.desk_builders import DAYS, GO_LIVE, an_arrival, digest, proposed
from tests.integration.desk.programs import a_register
from tests.integration.desk.test_hostile_requests import served_at
from tests.integration.desk.test_keep import PATIENCE, Stand, running, until
from tests.integration.desk.test_webhooks import a_site_that_tells, listens
from tests.roles import one_transaction, under_role

SCRIPT: Final = Path(__file__).resolve().parents[3] / "docs/how-to/a-day-by-api.py"
DAY: Final = TODAY.date().isoformat()
QUEUE: Final = "/bureau/a-qualifier"
COUNTER: Final = "/bureau/guichet"
OWN: Final = {"event_id", "item_id", "by", "via", "pli"}
"""Of a fact: what is its own, whoever states it."""
MAILS: Final = {
    6: an_arrival("d", routing=proposed(), correspondent=digest("d")),
    7: an_arrival("e", routing=proposed("association"), correspondent=digest("e")),
}
"""What comes in while the office is open, by the number that it gets: nobody has sorted it."""


@dataclass(frozen=True)
class Office:
    """A register with three items, and the `desk keep` by which mail comes in."""

    pool: Pool
    desk: PageServer
    stand: Stand

    async def comes(self, number: int) -> None:
        """Has a mail come in, and waits until it has its number."""
        before = await self.pool.fetchval("SELECT count(*) FROM desk.items")

        async def registered() -> bool:
            return bool(before < await self.pool.fetchval("SELECT count(*) FROM desk.items"))

        await self.stand.tell([MAILS[number]])
        await until(registered, self.stand)


@asynccontextmanager
async def an_office(
    clones: Clones, kafka: str, folder: Path, fork: Starter
) -> AsyncIterator[Office]:
    """An office in a database of its own, whose webhooks may reach this machine."""
    async with clones.one() as url:
        async with one_transaction(url) as owner:
            at = GO_LIVE + timedelta(days=1)
            await store.keep(owner, a_site_that_tells(), DAYS, "q.officer", "tests", at)
            await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
        mine = SecretStr(under_role(url, "desk"))
        pool = await open_pool(mine, "tests")
        desk = await a_register(pool, await open_clock(pool, mine), folder / "blobs")
        variables = {
            "VAGUEMESTRE_DATABASE_URL": mine.get_secret_value(),
            "VAGUEMESTRE_BLOBS": str(folder / "blobs"),
            "VAGUEMESTRE_SPOOL": str(folder / "spool"),
            "VAGUEMESTRE_SECRET": SECRET,
        }
        stand = Stand(kafka, variables, folder.with_suffix(".log"))
        await topics.provision(kafka, stand.prefix, replication=1)
        async with running(stand, fork):
            yield Office(pool, desk, stand)
        await pool.close()


async def by_api(office: Office) -> Sequence[str]:
    """What the program says."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    told = await listens(office.desk, url, KeyScope.DECIDE, services=None)
    known = os.environ | {"KEY": told.program.token, "SECRET": told.secret}
    said: list[str] = []
    async for address in served_at(office.desk.app):
        played = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), address, str(port), DAY, env=known,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert played.stdin is not None
        assert played.stdout is not None
        async with asyncio.timeout(PATIENCE):
            for last in ("listening", *(f"assign 36-2026-A-00000{number}" for number in MAILS)):
                if said:
                    await office.comes(int(last[-1]))
                while last not in said:
                    line = await played.stdout.readline()
                    assert line, (said, office.stand.said()[-3000:])
                    said.append(line.decode().strip())
            played.stdin.close()
            said += (await played.stdout.read()).decode().splitlines()
            assert await played.wait() == 0, said
    return said


async def by_pages(office: Office) -> None:
    clerk = await Browser(office.desk).sign_in("c.lerk")

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
    for number, agent in ((5, "r"), (4, "a"), (3, "r"), (1, "a")):
        await item(number, "attribuer", agent=f"{agent}.gent")
    for number, fields, agent in ((6, {}, "a"), (7, {"service": "dre"}, "r")):
        await office.comes(number)
        page = f"{QUEUE}/36-2026-A-00000{number}"
        await decided(page, f"{page}/confirmer", **fields)
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


async def test_a_day_by_api_and_webhooks_ends_with_the_register_of_the_same_day_by_pages(
    live_clones: Clones, kafka_address: str, tmp_path: Path, fork: Starter
) -> None:
    assert len(SCRIPT.read_text().splitlines()) <= 150
    async with an_office(live_clones, kafka_address, tmp_path / "api", fork) as office:
        said = await by_api(office)
        assert said[-2:] == [
            "answered 36-2026-A-000001 36-2026-A-000003",
            "closed 36-2026-A-000007",
        ]
        assert await office.pool.fetchval("SELECT count(*) FROM desk.dead_letters") == 0
        played = await register(office.pool)
        by = await office.pool.fetch(
            "SELECT DISTINCT by FROM desk.facts WHERE recorded_at = $1", TODAY
        )
        kinds = {row["by"].partition(":")[0] for row in by}
        assert kinds <= {"application", "person", "service", "source", "rule"}
    async with an_office(live_clones, kafka_address, tmp_path / "pages", fork) as office:
        await by_pages(office)
        expected = await register(office.pool)
    assert len(expected) == 7 + 1, "seven items, one letter that left on paper"
    assert played == expected
