"""Kafka loses a log under readers that run: their rows follow the new one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
import pytest

from shared.platform.database import Pool
from shared.platform.messaging.offset_check import OffsetCheck
from shared.platform.messaging.offsets import WentBack
from tests.integration.shared.test_offsets import lose, row, taken, word
from tests.plumbing_reader import said

Listening = Callable[..., AbstractAsyncContextManager["asyncio.Future[None]"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]


async def test_a_reader_that_runs_while_a_log_is_lost_follows_the_new_one(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """Else a database that goes back would not be seen before the new log is as long as the old."""
    await pool.execute(
        "INSERT INTO sla.crosschecks VALUES ('items', clock_timestamp(), 0, false, NULL)"
    )
    async with listening() as broken:
        for n in (1, 2, 3):
            await publish(said("a", n))
            await eventually(lambda: word(offsets), n)
        await lose(kafka_address, offsets.prefix)
        await publish(said("a", 4))
        await eventually(lambda: taken(pool), [1, 2, 3, 4])
        await eventually(lambda: row(pool), 1)
        await eventually(lambda: word(offsets), 1)
        due = "SELECT checked_at < clock_timestamp() - interval '1 day' FROM sla.crosschecks"
        assert await pool.fetchval(due), "what was lost unheard is told again at once"
        await publish(said("a", 5))
        await eventually(lambda: word(offsets), 2)
        await pool.execute("UPDATE sla.offsets SET next_offset = 1 WHERE next_offset = 2")
        await publish(said("a", 6))
        with pytest.raises(WentBack, match="it knows what came before 1, and knew what came befo"):
            await asyncio.wait_for(asyncio.shield(broken), 60)


async def test_kafka_is_told_how_far_a_batch_went_though_a_row_can_not_be_lowered(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lowers, tries = OffsetCheck._follow, list[str]()  # noqa: SLF001  (what SQL does of one row)

    async def cut_once(*asked: Any) -> int | None:
        tries.append("asked")
        if len(tries) == 1:
            raise asyncpg.UndefinedTableError
        return await lowers(*asked)

    monkeypatch.setattr(OffsetCheck, "_follow", cut_once)
    async with listening() as broken:
        for n in (1, 2, 3):
            await publish(said("a", n))
            await eventually(lambda: word(offsets), n)
        await lose(kafka_address, offsets.prefix)
        await publish(said("a", 4))
        await eventually(lambda: taken(pool), [1, 2, 3, 4])
        await eventually(lambda: word(offsets), 1)
        assert (await row(pool), len(tries), broken.done()) == (3, 1, False)
        await publish(said("a", 5))
        await eventually(lambda: word(offsets), 2)
        await eventually(lambda: row(pool), 2)
