"""The event loop and the connections of short commands: their own, or kept between many of them.

A command typed in a shell opens both and closes both. A program that runs a hundred in one process
(`kept_open`) lends them its own: they then cost what they ask and not what it takes to begin.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, copy_context
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import SecretStr

from shared.platform.database import Pool, open_pool

T = TypeVar("T")


class KeptConnections:
    """An event loop with database pools, which several commands of one thread use in turn."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self._pools: dict[tuple[str, str], Pool] = {}

    async def pool(self, url: SecretStr, application: str, size: int, wait: timedelta) -> Pool:
        """Returns the pool of a database and application; opens it when it is first asked for."""
        key = url.get_secret_value(), application
        if key not in self._pools:
            self._pools[key] = await open_pool(url, application, size=size, wait=wait)
        return self._pools[key]

    async def close(self) -> None:
        """Closes every database pool that was opened."""
        for pool in self._pools.values():
            await pool.close()


_KEPT: ContextVar[KeptConnections | None] = ContextVar("kept connections", default=None)


@contextmanager
def kept_open() -> Iterator[None]:
    """A context manager in which commands of this thread share an event loop and its pools."""
    with asyncio.Runner() as runner:
        kept = KeptConnections(runner)
        token = _KEPT.set(kept)
        try:
            yield
        finally:
            _KEPT.reset(token)
            runner.run(kept.close())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's coroutine to its end, in the shared event loop if one is kept open."""
    kept = _KEPT.get()
    if kept is None:
        return asyncio.run(work)
    return kept.runner.run(work, context=copy_context())


@asynccontextmanager
async def command_pool(
    url: SecretStr, application: str, *, size: int, wait: timedelta
) -> AsyncIterator[Pool]:
    """A context manager that gives a command a database pool: the shared one, or one of its own.

    Raises TemporaryFailure: PostgreSQL does not answer within `wait`.
    """
    kept = _KEPT.get()
    if kept is not None:
        yield await kept.pool(url, application, size, wait)
        return
    pool = await open_pool(url, application, size=size, wait=wait)
    try:
        yield pool
    finally:
        await pool.close()
