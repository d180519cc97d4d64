"""The transactions of one request, one after the other: none is open while something slow is done.

A page asks the register, then reads files, asks another machine or waits; then it may ask again.
Between the two its connection belongs to whoever needs it (`apart`): a disk or a server that hangs
keeps its own page waiting, and no other.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from shared.errors import TemporaryFailure
from shared.platform.database import Connection, Pool, transaction


class Transactions:
    """The database transactions of one web request, one after the other.

    Leaving the block commits the open one, or rolls it back after an error.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._open = AsyncExitStack()
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The database connection of the request.

        Raises TemporaryFailure between two transactions.
        """
        if self._connection is None:
            raise TemporaryFailure("This page asks the register while it has no transaction.")
        return self._connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """A context manager for slow work without a database connection: commits, then reopens.

        Raises TemporaryFailure when PostgreSQL went away meanwhile.
        """
        await self._close()
        try:
            yield
        except Exception:
            await self._enter()
            raise
        await self._enter()

    async def end(self) -> None:
        """Commits the open transaction, after which the request asks the register no more.

        What follows, such as reading files, holds no connection.
        """
        await self._close()

    async def __aenter__(self) -> Self:
        """Opens the request's first transaction. Raises TemporaryFailure."""
        await self._enter()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commits the open transaction, or rolls it back after an error."""
        self._connection = None
        await self._open.__aexit__(kind, error, trace)

    async def _enter(self) -> None:
        self._connection = await self._open.enter_async_context(transaction(self._pool))

    async def _close(self) -> None:
        self._connection = None
        await self._open.aclose()
