"""Turns: a source is looked at again when its time has come, or when the story moves.

Or beside a long piece of work that what is quick must not wait for.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from shared.platform.clock import Clock


@asynccontextmanager
async def turn(clock: Clock, every: timedelta) -> AsyncIterator["asyncio.Future[None]"]:
    """A context manager for one polling round; gives a future that ends when the next one is due.

    The wait begins with the round, so that a move of the simulated time meanwhile is not missed.
    """
    due = asyncio.ensure_future(clock.pause(every))
    try:
        await asyncio.sleep(0)  # now it waits
        yield due
    finally:
        due.cancel()


@asynccontextmanager
async def beside(round_of: Callable[[], Awaitable[None]], every: float) -> AsyncIterator[None]:
    """A context manager that calls `round_of` every so many seconds, until its block ends.

    A round that has begun is done before the manager returns, never cut off. What one raises ends
    the rounds, and is raised after the block, unless that raised something itself.
    """
    over = asyncio.Event()
    rounds = asyncio.create_task(_rounds(round_of, every, over))
    try:
        yield
    except BaseException:
        over.set()
        await asyncio.gather(rounds, return_exceptions=True)
        raise
    over.set()
    await rounds


async def _rounds(
    round_of: Callable[[], Awaitable[None]], every: float, over: asyncio.Event
) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), every)
        if not over.is_set():
            await round_of()
