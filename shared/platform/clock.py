"""The clock: the one place that reads the time.

A real site follows the system's clock, which is compared with PostgreSQL's when a process starts
and each minute: beyond thirty seconds nobody who announces anything gets the time from it (`sure`),
until it is right again. A demo site follows the row of `site.story`: a story whose
moment stands still until somebody moves it forward, so that a week of deadlines can be lived in a
minute.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

import asyncpg
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.backoff import pause_or
from shared.platform.database import UNREACHABLE, Pool
from shared.platform.notifications import ListeningSession, follow_channel
from shared.platform.observability.logs import Log

CHANNEL = "site_story"
TRUSTED = timedelta(seconds=30)
"""What the system's clock may differ from PostgreSQL's."""
EACH_SECONDS = 60.0
POLL = timedelta(seconds=5)

log = Log("clock")


class Clock(Protocol):
    """The interface of a clock: tells the current time, and waits."""

    def now(self) -> datetime:
        """Returns the current time, aware, in UTC."""
        ...

    async def pause(self, longest: timedelta) -> None:
        """Waits at most `longest` of real time; a move of the demo's story time ends the wait."""
        ...


class WrongClock(TemporaryFailure):
    """Raised when the system's clock differs from PostgreSQL's: nothing may be announced then."""


class SystemClock:
    """The computer's clock; checks itself against PostgreSQL's clock."""

    def __init__(self) -> None:
        self._reference: tuple[datetime, float] | None = None
        """PostgreSQL's moment when it was last asked, and ours that only goes forward then."""

    def now(self) -> datetime:
        """Returns the current time of the computer, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  (this is that one place)

    async def compare(self, pool: Pool) -> None:
        """Stores PostgreSQL's time, with which `offset` compares this clock, allowing for delay."""
        asked = time.monotonic()
        theirs: datetime = await pool.fetchval("SELECT clock_timestamp()")
        answered = time.monotonic()
        self._reference = theirs, (asked + answered) / 2

    @property
    def offset(self) -> timedelta:
        """The time by which the computer's clock is ahead of PostgreSQL's; negative when behind."""
        if self._reference is None:
            return timedelta()
        theirs, then = self._reference
        return self.now() - theirs - timedelta(seconds=time.monotonic() - then)

    @property
    def wrong(self) -> str | None:
        """A sentence when the computer's clock is over 30 seconds off; `None` when it is right."""
        seconds = self.offset.total_seconds()
        if abs(seconds) <= TRUSTED.total_seconds():
            return None
        side = "ahead of" if seconds > 0 else "behind"
        return (
            f"The system's clock is {abs(seconds):.0f} s {side} PostgreSQL's: nothing is announced "
            "until they agree. Correct the clock of this machine, or of PostgreSQL's."
        )

    async def keep_compared(self, pool: Pool, stopping: asyncio.Event) -> None:
        """Compares the computer's clock with PostgreSQL's each minute until `stopping` is set."""
        while not stopping.is_set():
            before = self.wrong
            with suppress(*UNREACHABLE, asyncpg.PostgresError):
                await self.compare(pool)
            if (wrong := self.wrong) is not None:
                log.error("clock_wrong", why=wrong)
            elif before is not None:
                log.info("clock_right")
            await pause_or(stopping, EACH_SECONDS)

    async def pause(self, longest: timedelta) -> None:
        """Waits (sleeps) at most `longest` of real time."""
        await asyncio.sleep(longest.total_seconds())


def sure(clock: Clock) -> datetime:
    """Returns the current time in UTC, once it is known to be right, before announcing or deleting.

    Raises:
        WrongClock: the system's clock is not to be trusted now.
    """
    wrong = clock.wrong if isinstance(clock, SystemClock) else None
    if wrong is not None:
        raise WrongClock(wrong)
    return clock.now()


class StoryClock:
    """The simulated clock of a demo site: its time is a row of table `site.story`."""

    def __init__(self, pool: Pool, url: SecretStr, moment: datetime) -> None:
        self._pool = pool
        self._url = url
        self._moment = moment
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        """Returns the simulated time of the demo, as last read, aware, in UTC."""
        return self._moment

    async def pause(self, longest: timedelta) -> None:
        """Waits at most `longest` of real time, or until the demo's simulated time moves."""
        before = self._moment
        await self._wait(lambda: self._moment != before, longest)

    async def wait_for(self, moment: datetime, *, within: timedelta) -> bool:
        """Waits, at most `within`, for this clock to reach `moment`; returns whether it did."""
        return await self._wait(lambda: self._moment >= moment, within)

    async def follow(self) -> None:
        """Keeps the demo's time up to date until cancelled: by NOTIFY, and every 5 seconds."""
        await follow_channel(self._url, "clock", CHANNEL, POLL.total_seconds(), self._look)

    async def _look(self, session: ListeningSession, _payloads: Sequence[str] | None) -> None:
        moment = await session.fetchval("SELECT moment FROM site.story")
        if moment is not None and moment != self._moment:
            async with self._moved:
                self._moment = moment
                self._moved.notify_all()
            log.info("story_moved", moment=moment.isoformat())

    async def _wait(self, reached: Callable[[], bool], longest: timedelta) -> bool:
        try:
            async with asyncio.timeout(longest.total_seconds()), self._moved:
                await self._moved.wait_for(reached)
        except TimeoutError:
            return False
        return True


async def rest(clock: Clock, longest: timedelta, *ends: asyncio.Event) -> None:
    """Waits for `longest` of real time, or until a demo's clock moves or an event is set.

    `ends`: the events that end the wait.
    """
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
    """Returns the clock of this site: the simulated one on a demo site, else the computer's."""
    moment = await pool.fetchval("SELECT moment FROM site.story")
    if moment is not None:
        return StoryClock(pool, url, moment)
    clock = SystemClock()
    await clock.compare(pool)
    return clock
