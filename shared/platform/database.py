"""PostgreSQL: a pool, a transaction, and who is to blame when it is away.

`transaction` turns every error that another attempt may cure (connection lost, server restarting,
deadlock, disk full) into a TemporaryFailure; any other error of SQL passes as asyncpg raised it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson
from pydantic import SecretStr

from shared.errors import TemporaryFailure, VaguemestreError
from shared.platform.time_limits import result_within

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    PlainConnection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    PlainConnection = asyncpg.Connection
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

CONNECT_SECONDS = 10
PAUSE_SECONDS = 0.5
IDLE_SECONDS = 20.0
"""A connection that nobody took for so long is closed: what jobs that meet once a minute opened for
each other does not stay until they meet again. An idle process keeps one."""
SCRAPE_SECONDS = 90.0
"""The same for metrics, of which none is kept: longer than any time between two scrapes."""

STATEMENT_SECONDS = 60
"""A statement that takes longer met a dead network or a lock: give up, and try again."""

GLANCE = "SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '200ms'"
"""How long a question of metrics or health may take, and wait."""

TRY_AGAIN = (
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    # What asyncpg says to a question that meets the server's farewell: its message has been read,
    # the end of its connection not yet (asyncpg issue 1069).
    asyncpg.InternalClientError,
)
"""Errors that say more about the server's moment than about the statement."""

UNREACHABLE = (OSError, asyncpg.InterfaceError, *TRY_AGAIN)
"""What connecting raises while the server is away, starting or full."""


_OURS = 16_384
"""The first type that is no part of PostgreSQL: those below have their numbers on every server."""
_ARRAYS: dict[int, Any] = {}
"""What PostgreSQL's catalogue says of its own array types, as far as it was asked."""


class TypedConnection(PlainConnection):
    """A connection that knows the array types which an earlier one of its process asked for.

    asyncpg asks for them on each connection, by a statement of its own that takes PostgreSQL 15 ms
    to plan, several times before a service has said all that it says.
    """

    async def _introspect_types(
        self,
        typeoids: Any,
        timeout: float | None,  # noqa: ASYNC109  (asyncpg's own)
    ) -> tuple[Any, Any]:
        if _ARRAYS.keys() >= set(typeoids):
            # A name, as of a statement that displaced no other: none was prepared.
            return [_ARRAYS[oid] for oid in typeoids], SimpleNamespace(name="known")
        asked = super()._introspect_types(typeoids, timeout)  # type: ignore[misc]  # a private one
        types, statement = await asked
        _ARRAYS.update({row["oid"]: row for row in types if row["oid"] < _OURS and row["elemtype"]})
        return types, statement


async def open_pool(
    url: SecretStr,
    application: str,
    *,
    size: int = 10,
    least: int = 1,
    idle: float = IDLE_SECONDS,
    wait: timedelta = timedelta(seconds=30),
) -> Pool:
    """Opens a PostgreSQL connection pool of at most `size`, once the server answers.

    `least` are opened at once and kept; others are closed after `idle` seconds. With none of them
    the server is not asked before the first is needed.

    Raises:
        TemporaryFailure: no answer within `wait`; names host, port and database, never the
        password.
    """
    deadline = time.monotonic() + wait.total_seconds()
    while True:
        try:
            return await asyncpg.create_pool(
                url.get_secret_value(),
                connection_class=TypedConnection,
                min_size=least,
                max_size=size,
                max_inactive_connection_lifetime=idle,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS,
                init=_set_up,
                reset=_as_it_is,
                server_settings={
                    "application_name": f"vaguemestre {application}",
                    "timezone": "UTC",
                },
            )
        except (*UNREACHABLE, asyncpg.PostgresError, ValueError) as error:
            hopeless = not isinstance(error, UNREACHABLE)
            if hopeless or time.monotonic() + PAUSE_SECONDS > deadline:
                raise TemporaryFailure(
                    f"PostgreSQL does not let us in at {place(url)} ({type(error).__name__}): "
                    "check that it runs and that VAGUEMESTRE_DATABASE_URL is right."
                ) from error
        await asyncio.sleep(PAUSE_SECONDS)


async def open_glances(url: SecretStr, application: str, size: int = 2) -> Pool:
    """Opens the few connections on which a process asks for its metrics, and nothing else.

    Opened by each scrape anew, they would cost most of its time; where nobody scrapes there are
    none. Raises TemporaryFailure.
    """
    name = f"{application} metrics"
    return await open_pool(url, name, size=size, least=0, idle=SCRAPE_SECONDS)


async def close_pool(pool: Pool, seconds: float) -> None:
    """Closes a pool, and cuts the connections that are still in use after so many seconds."""
    try:
        await asyncio.wait_for(pool.close(), seconds)
    except TimeoutError:
        pool.terminate()


async def connect_alone(
    url: SecretStr, application: str, *, seconds: float | None = 20
) -> "asyncpg.Connection[asyncpg.Record]":
    """Opens a PostgreSQL connection outside any pool, for advisory locks and LISTEN.

    A statement may take so many `seconds`; `None`: as long as it takes.

    Raises:
        TemporaryFailure: the server does not answer.
    """
    connection: asyncpg.Connection[asyncpg.Record] | None = None
    try:
        connection = await asyncpg.connect(
            url.get_secret_value(),
            connection_class=TypedConnection,
            timeout=CONNECT_SECONDS,
            command_timeout=seconds,
            server_settings={"application_name": f"vaguemestre {application}", "timezone": "UTC"},
        )
        await _set_up(connection)
    except BaseException as error:
        if connection is not None:
            connection.terminate()
        if isinstance(error, (*UNREACHABLE, asyncpg.PostgresError)):
            raise away(error) from error
        raise
    return connection


@asynccontextmanager
async def glance(pool: Pool) -> AsyncIterator[Connection]:
    """Opens a read-only database transaction for metrics and health: two seconds a query.

    It locks no row, and waits at most 200 ms for a lock of others. Raises TemporaryFailure.
    """
    async with transaction(pool, readonly=True) as connection:
        await connection.execute(GLANCE)
        yield connection


@asynccontextmanager
async def transaction(pool: Pool, *, readonly: bool = False) -> AsyncIterator[Connection]:
    """Opens a database transaction: commits at the end of the block, rolls back on an error.

    Raises:
        TemporaryFailure: the server went away or asks to try again; nothing was committed, save
        when
            the connection broke during COMMIT itself, which is why effects are idempotent.
    """
    async with single_statements(pool) as connection, connection.transaction(readonly=readonly):
        yield connection


@asynccontextmanager
async def single_statements(
    pool: Pool, own: "Connection | None" = None
) -> AsyncIterator[Connection]:
    """Opens a connection on which each statement is a transaction of its own: one round trip.

    `own`: the caller's, for which nobody waits; `None`: one of the pool.

    Raises:
        TemporaryFailure: the server went away or asks to try again, as of `transaction`.
    """
    try:
        taken = None if own else await pool.acquire(timeout=CONNECT_SECONDS)
    except (*UNREACHABLE, asyncpg.PostgresError) as error:
        raise away(error) from error
    connection = own or taken
    assert connection is not None  # noqa: S101  (one of the two)
    try:
        yield connection
    except VaguemestreError:
        raise
    except Exception as error:
        if is_lost(connection) or isinstance(error, TRY_AGAIN):
            raise away(error) from error
        raise
    finally:
        # Cut after the commit, it can't be reset for the next one: the pool has dropped it.
        with suppress(*UNREACHABLE):
            if taken is not None:
                await pool.release(taken)


SOON = "set_config('synchronous_commit', 'off', true)"
"""In the FROM of a single statement: its commit waits for no disk, so a crash may undo it."""


def is_lost(connection: Connection) -> bool:
    """Whether a database connection was closed while it was in use."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


async def answers(pool: Pool, within: timedelta) -> bool:
    """Whether PostgreSQL answers within this time; never waits longer."""
    try:
        return await result_within(within.total_seconds(), _asked(pool))
    except TimeoutError:
        return False


async def _asked(pool: Pool) -> bool:
    try:
        async with transaction(pool) as connection:
            await connection.execute("SELECT 1")
    except TemporaryFailure:
        return False
    return True


def away(error: BaseException) -> TemporaryFailure:
    """Makes the TemporaryFailure to raise when PostgreSQL can't be reached or asks to try again."""
    return TemporaryFailure(f"PostgreSQL is away or asks to try again ({type(error).__name__}).")


def place(url: SecretStr) -> str:
    """Returns the host, port and database of a connection URL to show, without the password."""
    try:
        parts = urlsplit(url.get_secret_value())
        host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
        port = parts.port or 5432
    except ValueError:
        return "an address that can't be read"
    return f"{host}:{port}/{parts.path.strip('/') or 'postgres'}"


async def _set_up(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value).decode(),
        decoder=orjson.loads,
    )


async def _as_it_is(_connection: Connection) -> None:
    """Gives a connection back to its pool without a question to the server.

    asyncpg has ended what transaction was open. Nothing else outlives one: locks and settings are a
    transaction's, or of a connection outside the pool (tests/architecture/test_sessions.py).
    """
