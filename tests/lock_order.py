"""Two paths that lock meet at each of their locks: neither may wait for whoever waits for it.

The first is stopped after each of its statements that lock; the other then runs until it waits or
ends, and the first goes on. PostgreSQL would say so if each waited for the other. Nothing is kept:
both are rolled back.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import orjson
import pytest

from shared.errors import Refused, TemporaryFailure
from shared.platform.database import Pool
from tests.roles import under_role

DEADLOCK = (asyncpg.DeadlockDetectedError, asyncpg.InFailedSQLTransactionError)
WRITES = re.compile(r"FOR UPDATE|pg_advisory|INSERT INTO|UPDATE (sla|notify|ingest)|DELETE FROM")
"""What others may wait for."""
Path: TypeAlias = Callable[[Any], Awaitable[object]]
"""What one transaction does, on its connection."""


class Stepping(asyncpg.Connection):
    """A connection that stands still after its n-th statement that locks."""

    locks: re.Pattern[str] = WRITES
    left: int | None = None
    reached: asyncio.Event
    go: asyncio.Event
    last = ""

    async def fetch(self, query: str, *args: Any, **kw: Any) -> Any:
        return await self._stepped(query, super().fetch(query, *args, **kw))

    async def fetchrow(self, query: str, *args: Any, **kw: Any) -> Any:
        return await self._stepped(query, super().fetchrow(query, *args, **kw))

    async def fetchval(self, query: str, *args: Any, **kw: Any) -> Any:
        return await self._stepped(query, super().fetchval(query, *args, **kw))

    async def execute(self, query: str, *args: Any, **kw: Any) -> Any:
        return await self._stepped(query, super().execute(query, *args, **kw))

    async def executemany(self, query: str, *args: Any, **kw: Any) -> Any:  # type: ignore[override]  # stands in for what is not there
        return await self._stepped(query, super().executemany(query, *args, **kw))

    async def _stepped(self, query: str, work: Awaitable[Any]) -> Any:
        found = await work
        if self.left is not None and self.locks.search(query):
            self.left -= 1
            if not self.left:
                self.left, self.last = None, " ".join(query.split())
                self.reached.set()
                await self.go.wait()
        return found


@asynccontextmanager
async def stepping(url: str, role: str, locks: re.Pattern[str]) -> AsyncIterator[Stepping]:
    """A connection of a service that can be stopped."""
    connection: Any = await asyncpg.connect(
        under_role(url, role), connection_class=Stepping, command_timeout=60
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", decoder=orjson.loads,
        encoder=lambda value: orjson.dumps(value).decode(),
    )  # fmt: skip
    connection.locks = locks
    try:
        yield connection
    finally:
        await connection.close()


@dataclass
class PoolOfOne:
    """For what takes its connection from a pool: this one, in the transaction that is open."""

    connection: Any

    async def acquire(self, **_: float) -> Any:
        return self.connection

    async def release(self, connection: Any) -> None:
        del connection


async def blocked(pool: Pool, pid: int) -> bool:
    return bool(await pool.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid))


async def ended(task: "asyncio.Future[object]", begun: Any) -> None:
    """Waits for a path, and gives back all that it holds."""
    with suppress(Refused):
        await task
    await begun.rollback()


async def meets(
    one: Stepping, other: Stepping, pool: Pool, first: Path, second: Path, step: int
) -> str | None:
    """After which statement of `first` the other came; `None`: it has not so many."""
    begun = one.transaction(), other.transaction()
    for transaction_ in begun:
        await transaction_.start()
    one.left, one.reached, one.go = step, asyncio.Event(), asyncio.Event()
    async with asyncio.timeout(60):
        early = asyncio.ensure_future(first(one))
        stopped = asyncio.ensure_future(one.reached.wait())
        await asyncio.wait({early, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not one.reached.is_set():
            stopped.cancel()
            one.left = None
            await ended(early, begun[0])
            await begun[1].rollback()
            return None
        late = asyncio.ensure_future(second(other))
        pid = other.get_server_pid()
        while not late.done() and not await blocked(pool, pid):  # noqa: ASYNC110  (a lock)
            await asyncio.sleep(0.002)
        waits = not late.done()
        if not waits:
            await ended(late, begun[1])
        one.go.set()
        await ended(early, begun[0])
        if waits:  # (it may be done by now: what it holds would stop the next round)
            await ended(late, begun[1])
    return one.last


async def no_path_waits_for_one_that_waits_for_it(
    pool: Pool,
    url: str,
    role: str,
    paths: Mapping[str, Path],
    pairs: Sequence[tuple[str, str]],
    locks: re.Pattern[str] = WRITES,
) -> None:
    """Has each pair of paths, by their names, meet at each lock of its first."""
    met = dict.fromkeys(paths, 0)
    async with stepping(url, role, locks) as one, stepping(url, role, locks) as other:
        for first, second in pairs:
            step, last = 1, ""
            while True:
                try:
                    found = await meets(one, other, pool, paths[first], paths[second], step)
                except (*DEADLOCK, TemporaryFailure):
                    pytest.fail(f"« {first} » and « {second} » wait for each other, after {last!r}")
                if found is None:
                    break
                last, step = found, step + 1
                met[first] += 1
    assert all(met.values()), f"each of them locks something: {met}"
