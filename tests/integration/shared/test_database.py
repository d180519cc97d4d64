"""A transaction says whether trying again helps, whenever its connection is cut."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import asyncpg
import pytest

from shared.errors import TemporaryFailure
from shared.platform.database import SOON, Connection, Pool, single_statements, transaction
from shared.platform.messaging.subscription import RejectedFact, Subscription
from tests.plumbing_reader import EAR, Said, said, take

Listening = Callable[..., AbstractAsyncContextManager["asyncio.Future[None]"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]


@pytest.fixture
def cut(postgres_url: str) -> Callable[[Connection], Awaitable[None]]:
    """Ends a connection as a server that restarts does, and waits until it is felt."""

    async def cut(connection: Connection) -> None:
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        other = await asyncpg.connect(postgres_url)
        try:
            await other.execute("SELECT pg_terminate_backend($1)", pid)
        finally:
            await other.close()
        await asyncio.wait_for(ended.wait(), 30)

    return cut


async def asks(connection: Connection) -> None:
    await connection.fetchval("SELECT 1")


async def asks_within(connection: Connection) -> None:
    async with connection.transaction():
        await connection.fetchval("SELECT 1")


async def fails(connection: Connection) -> None:
    del connection
    raise ZeroDivisionError


async def ends(connection: Connection) -> None:
    del connection


@pytest.mark.parametrize("then", [asks, asks_within, fails, ends])
async def test_a_cut_in_the_middle_of_a_transaction_says_that_trying_again_helps(
    pool: Pool,
    cut: Callable[[Connection], Awaitable[None]],
    then: Callable[[Connection], Awaitable[None]],
) -> None:
    async def is_cut() -> None:
        async with transaction(pool) as connection:
            await cut(connection)
            await then(connection)

    with pytest.raises(TemporaryFailure):
        await is_cut()
    async with transaction(pool) as connection:
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_batch_whose_connection_is_cut_is_read_again_and_the_reader_goes_on(
    pool: Pool,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    cut: Callable[[Connection], Awaitable[None]],
) -> None:
    tries = 0

    async def cut_once(
        connection: Connection, facts: Sequence[Said], now: datetime
    ) -> Sequence[RejectedFact[Said]]:
        nonlocal tries
        tries += 1
        poisoned = await take(connection, facts, now)
        if tries == 1:
            await cut(connection)
            await asks(connection)
        return poisoned

    async def taken() -> list[int]:
        return [row["n"] for row in await pool.fetch("SELECT n FROM sla.effects ORDER BY id")]

    await publish(said("a", 1), said("a", 2))
    async with listening(Subscription(EAR.topic, EAR.decode, cut_once)) as broken:
        await eventually(taken, [1, 2])
        assert not broken.done()
    assert tries > 1


async def test_a_connection_goes_back_without_a_question(pool: Pool) -> None:
    asked = list[str]()
    async with transaction(pool) as connection:
        connection.add_query_logger(lambda told: asked.append(told.query))
        await connection.fetchval("SELECT 1")
    assert asked == ["SELECT 1", "COMMIT;"]


async def test_what_postgresql_said_of_its_types_is_asked_once_a_process(pool: Pool) -> None:
    typed = "SELECT $1::uuid[], $2::timestamptz[], $3::jsonb[]"
    asked: list[str] = []
    async with pool.acquire() as first, pool.acquire() as second:
        await first.fetchrow(typed, [], [], [{"n": 1}])
        second.add_query_logger(lambda query: asked.append(query.query))
        assert await second.fetchval("SELECT $1::jsonb[]", [{"n": 1}]) == [{"n": 1}]
        await second.fetchrow(typed, [], [], [])
        await second.execute("SELECT 1")  # loggers are called a moment afterwards
        assert typed in asked
        assert not [query for query in asked if "typeinfo_tree" in query]
        await second.fetchval("SELECT '[1,3)'::int4range")
        await second.execute("SELECT 1")
        assert [query for query in asked if "typeinfo_tree" in query]  # it is no array


async def test_what_was_left_open_ends_before_the_next_has_the_connection(pool: Pool) -> None:
    connection = await pool.acquire()
    await connection.execute("BEGIN; CREATE TABLE left_open (n integer)")
    await connection.execute("SET LOCAL statement_timeout = '7s'")
    await pool.release(connection)
    async with pool.acquire() as next_one:
        assert not next_one.is_in_transaction()
        assert await next_one.fetchval("SELECT to_regclass('left_open')") is None
        assert await next_one.fetchval("SHOW statement_timeout") == "0"


async def test_a_single_statement_is_kept_whatever_fails_behind_it(pool: Pool) -> None:
    async def count_and_fail() -> None:
        async with single_statements(pool) as connection:
            await connection.execute("INSERT INTO public.single VALUES (1)")
            raise ZeroDivisionError

    async with transaction(pool) as connection:
        await connection.execute("CREATE TABLE public.single (number integer)")
    try:
        with pytest.raises(ZeroDivisionError):
            await count_and_fail()
        async with transaction(pool) as connection:
            assert await connection.fetchval("SELECT count(*) FROM public.single") == 1
    finally:
        async with transaction(pool) as connection:
            await connection.execute("DROP TABLE public.single")


async def test_a_cut_single_statement_says_that_trying_again_helps(
    pool: Pool, cut: Callable[[Connection], Awaitable[None]]
) -> None:
    async def ask_when_cut() -> None:
        async with single_statements(pool) as connection:
            await cut(connection)
            await asks(connection)

    with pytest.raises(TemporaryFailure):
        await ask_when_cut()


async def test_a_statement_that_waits_for_no_disk_leaves_its_connection_as_it_was(
    postgres_url: str,
) -> None:
    settings = {"synchronous_commit": "on"}
    connection = await asyncpg.connect(postgres_url, server_settings=settings)
    asked = "SELECT current_setting('synchronous_commit')"
    try:
        assert await connection.fetchval(f"{asked} FROM {SOON}") == "off"
        assert await connection.fetchval(asked) == "on"
    finally:
        await connection.close()
