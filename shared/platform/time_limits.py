"""Time limits that hold also where cancelled work takes long to end.

`asyncio.wait_for` and `asyncio.timeout` wait until what they have cancelled has ended. A
transaction whose PostgreSQL is frozen first waits for the answer to its ROLLBACK, then for its
connection's way back to the pool: ten seconds and more, during which whoever asked how the process
stands would hear nothing.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

_ENDING: set["asyncio.Future[Any]"] = set()
"""Cancelled work that nobody waits for any more; asyncio itself would forget it."""


async def result_within(seconds: float, work: Awaitable[T]) -> T:
    """Returns the result of some work; cancels it after so many seconds, and waits no longer.

    What the cancelled work still has to do, such as giving a connection back to its pool, it does
    in a task of its own; an error in that is dropped.

    Raises:
        TimeoutError: the seconds have passed.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            _ENDING.add(task)
            task.add_done_callback(_forget)


def _forget(task: "asyncio.Future[Any]") -> None:
    _ENDING.discard(task)
    if not task.cancelled():
        task.exception()  # asked for, so that asyncio does not print it
