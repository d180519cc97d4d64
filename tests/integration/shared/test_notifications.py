"""A follower of a channel of PostgreSQL looks on connecting, when told, and when nobody tells."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.notifications import ListeningSession, follow_channel

LONG, SHORT = 3600.0, 0.01
PATIENCE = 120


class Looks:
    """What a follower was called with, in order."""

    def __init__(self) -> None:
        self.seen = asyncio.Queue[Sequence[str] | None]()
        self.fails = 0

    async def look(self, session: ListeningSession, heard: Sequence[str] | None) -> None:
        await session.execute("SELECT 'a look'")
        if self.fails:
            self.fails -= 1
            raise TemporaryFailure("away")
        self.seen.put_nowait(heard)

    async def next(self) -> Sequence[str] | None:
        return await asyncio.wait_for(self.seen.get(), PATIENCE)


@asynccontextmanager
async def followed(url: str, looks: Looks, poll: float) -> AsyncIterator[asyncpg.Connection]:
    following = asyncio.create_task(
        follow_channel(SecretStr(url), "tests follow", "told_here", poll, looks.look)
    )
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        await connection.close()


async def test_what_is_told_is_heard_in_order_and_once(postgres_url: str) -> None:
    looks = Looks()
    async with followed(postgres_url, looks, LONG) as teller:
        assert await looks.next() is None, "at once: what was told before nobody heard"
        await teller.execute("SELECT pg_notify('told_here', n::text) FROM generate_series(1, 3) n")
        heard = list[str]()
        while len(heard) < 3:
            heard += await looks.next() or ()
        assert heard == ["1", "2", "3"]
    assert looks.seen.empty()


async def test_who_is_told_nothing_looks_all_the_same(postgres_url: str) -> None:
    looks = Looks()
    async with followed(postgres_url, looks, SHORT):
        assert [await looks.next() for _ in range(3)] == [None, (), ()]


async def test_a_line_that_was_cut_is_made_again_and_whoever_hears_is_told_so(
    postgres_url: str,
) -> None:
    looks = Looks()
    async with followed(postgres_url, looks, LONG) as teller:
        assert await looks.next() is None
        cut = await teller.fetchval(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'vaguemestre tests follow'
            """
        )
        assert cut == 1
        assert await looks.next() is None


async def test_a_look_that_fails_is_looked_again(postgres_url: str) -> None:
    looks = Looks()
    looks.fails = 1
    async with followed(postgres_url, looks, LONG):
        assert await looks.next() is None
