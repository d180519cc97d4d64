"""Turns: a source is looked at again when its time has come, or when the story moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
