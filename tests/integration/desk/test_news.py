"""A decision reaches the pages that others have open, by a stream of a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from services.desk import features
from services.desk.decider import Decider
from services.desk.domain.decisions import Reclassify
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.news import CHANNEL, News
from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Nature
from shared.platform import http
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, connect_alone, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_applied_site, an_arrival, certain, rules
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
PATIENCE = 300.0


@pytest.fixture
async def served(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> AsyncIterator[tuple[PageServer, str]]:
    """The pages on a port of their own, and the task that listens."""
    news = News(SecretStr(under_role(postgres_url, "web")))
    made = pages(pool, SystemClock(), tmp_path)
    desk = PageServer(
        made.pool,
        made.clock,
        made.rules,
        made.blobs,
        made.settings,
        features.all_pages(),
        None,
        news,
    )
    door = http.bind("127.0.0.1", 0)
    server = http.HttpServer(desk.app)
    tasks = [asyncio.create_task(news.follow()), asyncio.create_task(server.serve([door]))]
    yield desk, f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    tasks[0].cancel()
    await asyncio.wait(tasks)
    door.close()


@asynccontextmanager
async def listening(desk: PageServer, home: str, person: str) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a page's stream, from its first on."""
    token = (await Browser(desk).sign_in(person)).client.cookies[cookies.SESSION]
    async with (
        httpx.AsyncClient(base_url=home, cookies={cookies.SESSION: token}) as client,
        client.stream("GET", "/nouvelles", timeout=PATIENCE) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        yield lines


async def _news(lines: AsyncIterator[str]) -> str:
    while True:
        line = await asyncio.wait_for(anext(lines), PATIENCE)
        if line.startswith("event:"):
            return line


async def _decide(pool: Pool, nature: Nature) -> None:
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        item_id = await connection.fetchval("SELECT item_id FROM desk.items")
        head = directory.people[PersonId("b.head")]
        by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory)
        await by.about(item_id, Reclassify(nature=nature))


async def test_a_decision_is_news_for_the_pages_that_others_have_open(
    pool: Pool, served: tuple[PageServer, str]
) -> None:
    desk, home = served
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [an_arrival("a", routing=certain())], TODAY)
    async with (
        listening(desk, home, "a.gent") as mine,
        listening(desk, home, "r.gent") as theirs,
    ):
        # The listener may say « everything » once, when it has just connected.
        await _decide(pool, Nature.REQUEST)
        assert await _news(mine) == "event: nouvelles"
        elsewhere = an_arrival("z", routing=certain("association", "dre"))
        async with transaction(pool) as connection:
            await hears_arrivals(rules)(connection, [elsewhere], TODAY)
        assert await _news(theirs) == "event: nouvelles"


async def test_a_stream_is_for_whoever_is_signed_in(served: tuple[PageServer, str]) -> None:
    _, home = served
    async with httpx.AsyncClient(base_url=home) as client:
        assert (await client.get("/nouvelles")).status_code == 403


async def test_news_of_an_item_is_for_all_whom_it_concerns_before_and_after(
    pool: Pool, postgres_url: str
) -> None:
    told, heard = [], asyncio.Event()

    def hear(*words: object) -> None:
        told.append(set(str(words[-1]).split()))
        heard.set()

    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [an_arrival("a", routing=certain())], TODAY)
    listener = await connect_alone(SecretStr(under_role(postgres_url, "desk")), "tests")
    await listener.add_listener(CHANNEL, hear)
    await pool.execute(
        "UPDATE desk.items SET service = 'dre', copies = '{juridique}', agent = 'r.gent'"
    )
    await asyncio.wait_for(heard.wait(), PATIENCE)
    listener.terminate()
    assert told == [{"bmi", "dre", "juridique", "@r.gent"}]


def test_a_reader_hears_of_their_services_and_of_what_nobody_knows() -> None:
    news = News(SecretStr(""))
    with news.reader(frozenset({"bmi"})) as one, news.reader(None) as office:
        for changed, heard in (("dre", False), ("dre bmi", True), ("*", True)):
            assert one.concerns(frozenset(changed.split())) is heard
            assert office.concerns(frozenset(changed.split()))
