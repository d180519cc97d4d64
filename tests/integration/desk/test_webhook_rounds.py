"""Rounds of the sender of webhooks: none is kept by what another one, or its own past, left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from services.desk.api.store import webhook_lanes
from services.desk.pages.serve import PageServer
from services.desk.store.visibility import ALL
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.integration.desk.programs import FIRST, a_register
from tests.integration.desk.test_webhooks import (
    URGENT,
    Told,
    a_sender,
    chronos,
    happens,
    listens,
    tell,
)
from tests.webhook_sink import Sink, a_sink

pytestmark = pytest.mark.usefixtures("live_site", "environment")

MANY: Final = 1000
UNKNOWN: Final = """
    INSERT INTO desk.webhook_lanes (webhook, item_id, next_seq, due_at)
    SELECT $1, gen_random_uuid(), 1, clock_timestamp() - interval '1 day'
    FROM generate_series(1, $2::int)
"""
"""Lanes of items that the key may not know of (any more), due before all others."""


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with a_sink() as one:
        yield one


class StopsSoon(asyncio.Event):
    """The process is to end, as it is asked for the third time."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 2


async def unknown(told: Told, pool: Pool) -> None:
    await pool.execute(UNKNOWN, told.webhook.webhook, MANY)


async def test_a_claim_passes_over_a_few_items_that_the_key_may_not_know_and_no_more(
    desk: PageServer, pool: Pool, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await unknown(told, pool)
    async with transaction(pool) as connection:
        await webhook_lanes.claim(connection, told.webhook.webhook, None, ALL)
    assert len(await told.lanes()) == MANY - webhook_lanes.MOST_SKIPPED


async def test_what_the_key_knows_is_told_behind_all_that_it_may_not_know(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await unknown(told, pool)
    await happens(pool, "a", URGENT)
    await tell(pool, story_clock)
    assert chronos(sink) == {FIRST}
    assert await told.lanes() == []


async def test_a_process_that_ends_keeps_what_it_passed_over(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await unknown(told, pool)
    sender = a_sender(pool, story_clock)
    sender.stopping = StopsSoon()
    await sender.round()
    await sender.idle()
    assert 0 < len(await told.lanes()) < MANY
