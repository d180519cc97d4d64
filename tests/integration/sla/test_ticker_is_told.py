"""A ticker that sleeps for long is woken by what becomes due, and finds it where no word comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from services.sla import claims
from services.sla.claims import WorkInSight
from services.sla.settings import SlaSettings
from services.sla.ticker import Ticker
from shared.platform.database import Connection
from tests.integration.sla.conftest import Clocks
from tests.integration.sla.test_hearing_and_waking import SOURCES, a_mail
from tests.roles import under_role
from tests.unit.sla.builders import paris

PATIENCE = 300.0
AT_NIGHT = timedelta(hours=10)


class StandingClock:
    """A story that stands still, and shows when somebody rests in it."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self.rested = asyncio.Event()

    def now(self) -> datetime:
        return self._moment

    async def pause(self, longest: timedelta) -> None:
        self.rested.set()
        await asyncio.sleep(longest.total_seconds())


@asynccontextmanager
async def resting(
    clocks: Clocks, url: str, poll: timedelta, *, listens: bool
) -> AsyncIterator[StandingClock]:
    """A ticker that has done all that is due on 20 May at 8:00, and rests."""
    clock = StandingClock(paris(20, 8))
    settings = SlaSettings(database_url=SecretStr(url), kafka="unused", wake_poll=poll)
    ticker = Ticker(clocks.pool, clock, clocks.editions, clocks.counts, settings)
    tasks = [asyncio.create_task(ticker.run())]
    if listens:
        tasks.append(asyncio.create_task(ticker.watch.listen(SecretStr(url))))
    try:
        async with asyncio.timeout(PATIENCE):
            await clock.rested.wait()
        yield clock
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await reached():  # noqa: ASYNC110  (rows of another process)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("poll", "listens"), [(AT_NIGHT, True), (timedelta(milliseconds=50), False)]
)
async def test_what_a_reading_makes_due_is_told_while_the_ticker_rests(
    clocks: Clocks, postgres_url: str, *, poll: timedelta, listens: bool
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.wake(paris(20, 7))
    await clocks.new()

    async def reached() -> bool:
        return [fact.rung for fact in await clocks.told() if fact.type == "RungReached"] == ["+1"]

    url = under_role(postgres_url, "sla")
    async with resting(clocks, url, poll, listens=listens):
        assert not await reached()
        await clocks.read(SOURCES, paris(20, 7), paris(20, 8))
        await until(reached)


async def test_a_word_about_what_is_due_later_wakes_nobody(
    clocks: Clocks, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = list[WorkInSight]()
    look = claims.look

    async def counted(connection: Connection, moment: datetime) -> WorkInSight:
        looks.append(await look(connection, moment))
        return looks[-1]

    monkeypatch.setattr(claims, "look", counted)
    url = under_role(postgres_url, "sla")
    async with resting(clocks, url, AT_NIGHT, listens=True) as clock:
        before = len(looks)
        await clocks.hear(a_mail(1).facts, paris(20, 8))  # due again on the 21st at the earliest
        clock.rested.clear()
        await clocks.hear(a_mail(2).facts, paris(11))  # its rung of the 15th is due
        async with asyncio.timeout(PATIENCE):
            await clock.rested.wait()
    assert len(looks) == before + 2, "for what is due, and to see that nothing else is"
