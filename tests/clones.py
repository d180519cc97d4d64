"""Databases of one test each, copied from a template that is made once a run."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from shared.platform.database import UNREACHABLE

PATIENCE = 120.0
"""Seconds for connections that are being closed."""


class Clones:
    """Databases like the template of that name, each made while the test before it runs.

    One connection makes and drops them all: to open one takes as long as to drop a database.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._next: asyncio.Task[str] | None = None
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    @asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        """The superuser's URL of a fresh one, dropped afterwards."""
        name = await self._ahead() or await self._make()
        self._next = asyncio.create_task(self._make())
        yield database(self._server, name)
        await self._alone(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def template(self) -> "tuple[str, str]":
        """The name and the URL of one that stays, to be filled and be a template itself."""
        name = await self._make()
        return name, database(self._server, name)

    async def end(self) -> None:
        """Waits for the one that is being made ahead, and closes the connection."""
        await self._ahead()
        if self._connection is not None:
            self._connection.terminate()

    async def _ahead(self) -> str | None:
        """The one made ahead; `None` when a test had stopped the server meanwhile."""
        if self._next is None:
            return None
        with suppress(*UNREACHABLE, asyncpg.PostgresError):
            return await self._next
        return None

    async def _make(self) -> str:
        name = f"test_{uuid4().hex}"
        # Copied as files: through the log, as is usual, a copy costs twice the work, and the first
        # connection to it builds the catalogue that the template's folder already has.
        copied = f'CREATE DATABASE "{name}" TEMPLATE "{self._template}" STRATEGY FILE_COPY'
        await self._alone(copied)
        return name

    async def _alone(self, statement: str) -> None:
        """What nobody else may be in the database for: PostgreSQL waits five seconds for those who
        are leaving it, which a busy machine does not always give them.
        """
        deadline = time.monotonic() + PATIENCE
        async with self._turn:
            while True:
                try:
                    await (await self._answering()).execute(statement)
                except asyncpg.ObjectInUseError:
                    if time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.1)
                else:
                    return

    async def _answering(self) -> "asyncpg.Connection[asyncpg.Record]":
        """The connection; a new one where a test had stopped the server since."""
        if self._connection is not None:
            with suppress(*UNREACHABLE):
                await self._connection.execute("SELECT 1")
                return self._connection
            self._connection.terminate()
        self._connection = await asyncpg.connect(self._server)
        return self._connection


def database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


async def execute(url: str, statement: str) -> None:
    """One statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
