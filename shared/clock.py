"""The clock: the one place that reads the time.

A real site follows the system's clock. A demo site follows the row of `site.story`: a story whose
moment stands still until somebody moves it forward, so that a week of deadlines can be lived in a
minute.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import asyncpg
from pydantic import SecretStr

from shared.database import UNREACHABLE, Pool, connect_alone
from shared.errors import TemporaryFailure
from shared.logs import Log

CHANNEL = "site_story"
POLL = timedelta(seconds=5)

log = Log("clock")


class Clock(Protocol):
    """Says what time it is and waits for it to pass."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...

    async def pause(self, longest: timedelta) -> None:
        """Waits at most `longest` of real time; a story that moves ends the wait at once."""
        ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  (this is that one place)

    async def pause(self, longest: timedelta) -> None:
        """Waits `longest`."""
        await asyncio.sleep(longest.total_seconds())


class StoryClock:
    """The moment of `site.story`, kept in memory by `follow`."""

    def __init__(self, pool: Pool, url: SecretStr, moment: datetime) -> None:
        self._pool = pool
        self._url = url
        self._moment = moment
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        """The moment last seen, aware, in UTC."""
        return self._moment

    async def pause(self, longest: timedelta) -> None:
        """Waits at most `longest`, or until the story moves."""
        before = self._moment
        await self._wait(lambda: self._moment != before, longest)

    async def seen(self, moment: datetime, *, within: timedelta) -> bool:
        """Whether this process reached `moment` before `within` of real time was over."""
        return await self._wait(lambda: self._moment >= moment, within)

    async def follow(self) -> None:
        """Keeps up with the row until cancelled: told by NOTIFY, and asked every five seconds."""
        while True:
            try:
                connection = await connect_alone(self._url, "clock")
            except TemporaryFailure:
                await asyncio.sleep(POLL.total_seconds())
                continue
            try:
                await self._listen(connection)
            except UNREACHABLE as error:
                log.warning("story_connection_lost", error=type(error).__name__)
                await asyncio.sleep(1)
            finally:
                connection.terminate()

    async def _listen(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        told = asyncio.Event()
        connection.add_termination_listener(lambda _: told.set())
        await connection.add_listener(CHANNEL, lambda *_: told.set())
        while True:
            told.clear()
            moment = await connection.fetchval("SELECT moment FROM site.story")
            if moment is not None and moment != self._moment:
                async with self._moved:
                    self._moment = moment
                    self._moved.notify_all()
                log.info("story_moved", moment=moment.isoformat())
            try:
                await asyncio.wait_for(told.wait(), POLL.total_seconds())
            except TimeoutError:
                continue

    async def _wait(self, reached: Callable[[], bool], longest: timedelta) -> bool:
        async def until() -> None:
            async with self._moved:
                await self._moved.wait_for(reached)

        try:
            await asyncio.wait_for(until(), longest.total_seconds())
        except TimeoutError:
            return False
        return True


async def rest(clock: Clock, longest: timedelta, *ends: asyncio.Event) -> None:
    """Waits `longest` of real time, until the story moves, or until one of `ends` is set."""
    waits = [asyncio.create_task(clock.pause(longest))]
    waits += [asyncio.create_task(_set(end)) for end in ends]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def open_clock(pool: Pool, url: SecretStr) -> Clock:
    """The story's clock when the site has one, else the real one; asked when a process starts."""
    moment = await pool.fetchval("SELECT moment FROM site.story")
    return SystemClock() if moment is None else StoryClock(pool, url, moment)
