"""A demo site lives by the moment of its story; a real site by the computer's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from shared.clock import StoryClock, SystemClock, open_clock, rest
from shared.database import Pool

MONDAY = datetime(2026, 5, 11, 6, tzinfo=UTC)
SOON = timedelta(seconds=60)


async def test_a_site_without_a_story_follows_the_computer(pool: Pool, postgres_url: str) -> None:
    clock = await open_clock(pool, SecretStr(postgres_url))
    assert isinstance(clock, SystemClock)
    assert clock.now().tzinfo is UTC


async def test_a_story_that_moves_is_seen_at_once_and_ends_pauses(
    pool: Pool, postgres_url: str
) -> None:
    await pool.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    clock = await open_clock(pool, SecretStr(postgres_url))
    assert isinstance(clock, StoryClock)
    assert clock.now() == MONDAY
    following = asyncio.create_task(clock.follow())
    try:
        pausing = asyncio.create_task(clock.pause(SOON))
        tuesday = MONDAY + timedelta(days=1)
        await pool.execute("UPDATE site.story SET moment = $1", tuesday)
        assert await clock.seen(tuesday, within=SOON)
        await asyncio.wait_for(pausing, SOON.total_seconds())
        assert clock.now() == tuesday
        assert not await clock.seen(tuesday + timedelta(days=1), within=timedelta(seconds=0.05))
    finally:
        following.cancel()
        await asyncio.wait({following})


async def test_a_story_never_goes_back(pool: Pool) -> None:
    await pool.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    with pytest.raises(asyncpg.RaiseError, match="can't go back"):
        await pool.execute("UPDATE site.story SET moment = $1", MONDAY - timedelta(seconds=1))


async def test_a_rest_ends_when_any_of_its_ends_is_set() -> None:
    never, end = asyncio.Event(), asyncio.Event()
    resting = asyncio.create_task(rest(SystemClock(), timedelta(hours=1), never, end))
    await asyncio.sleep(0)
    end.set()
    await asyncio.wait_for(resting, SOON.total_seconds())
