"""Webhooks take their locks in one order: of a webhook first, then of its lanes, by item."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from services.desk.api.store import webhook_lanes
from services.desk.api.webhook_client import ReceiverAnswer
from services.desk.pages.serve import PageServer
from services.desk.store.visibility import ALL
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from tests.desk_browser import TODAY
from tests.integration.desk.programs import a_register
from tests.integration.desk.test_webhooks import (
    URGENT,
    a_sender,
    happens,
    listens,
    service,
)
from tests.lock_order import Path as LockPath
from tests.lock_order import PoolOfOne, no_path_waits_for_one_that_waits_for_it
from tests.webhook_sink import Sink, a_sink

pytestmark = pytest.mark.usefixtures("live_site", "environment")

WAITING: Final = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
FIRST, LAST = UUID(int=1), UUID(int=2)
FAILED: Final = """
    INSERT INTO desk.webhook_lanes (webhook, item_id, next_seq, due_at, failed_at)
    VALUES ($1, $3, 1, NULL, now()), ($1, $2, 1, NULL, now())
"""
"""In the other order than that of their ids."""
LOCK: Final = "SELECT FROM desk.webhook_lanes WHERE item_id = $1 FOR UPDATE"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with a_sink() as one:
        yield one


async def forgets(connection: Connection, webhook: Any) -> None:
    await webhook_lanes.forget(connection, webhook)


async def retries(connection: Connection, webhook: Any) -> None:
    await webhook_lanes.retry(connection, webhook, None)


@pytest.mark.parametrize("work", [forgets, retries])
async def test_lanes_are_locked_by_item_as_facts_lock_them(
    desk: PageServer, pool: Pool, sink: Sink, work: Callable[[Connection, Any], Awaitable[None]]
) -> None:
    webhook = (await listens(desk, sink.url)).webhook.webhook
    await pool.execute(FAILED, webhook, FIRST, LAST)

    async def alone() -> None:
        async with transaction(pool) as connection:
            await work(connection, webhook)

    async with transaction(pool) as holds:
        await holds.execute(LOCK, FIRST)
        task = asyncio.create_task(alone())
        async with asyncio.timeout(60):
            while not await pool.fetchval(WAITING):  # noqa: ASYNC110  (a lock)
                await asyncio.sleep(0.02)
        await holds.execute(f"{LOCK} NOWAIT", LAST)
    await task


async def test_a_note_and_who_ends_a_webhook_or_retries_it_never_wait_for_each_other(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink, postgres_url: str
) -> None:
    webhook = (await listens(desk, sink.url)).webhook.webhook
    await happens(pool, "a", URGENT)
    async with transaction(pool) as connection:
        lane, _ = await webhook_lanes.claim(connection, webhook, None, ALL)
    assert lane is not None
    await pool.execute(FAILED, webhook, FIRST, LAST)

    async def notes(connection: Any) -> None:
        sender = a_sender(pool, story_clock)
        sender.pool = PoolOfOne(connection)  # type: ignore[assignment]  # of one connection
        await sender._note(lane, ReceiverAnswer(204))  # noqa: SLF001  (of one attempt)

    async def ends(connection: Any) -> None:
        await service(connection).end(webhook, TODAY)

    async def sends_again(connection: Any) -> None:
        await service(connection).retry(webhook)

    paths: dict[str, LockPath] = {"notes": notes, "ends": ends, "sends again": sends_again}
    pairs = [(first, then) for first in paths for then in paths if first != then]
    locks = re.compile(r"UPDATE|DELETE FROM|INSERT INTO")
    await no_path_waits_for_one_that_waits_for_it(pool, postgres_url, "desk", paths, pairs, locks)
