"""A pause ends by its event, by its time, and by a cancellation at whatever moment it comes."""

import asyncio

import pytest

from shared.platform.backoff import pause_or


async def test_a_pause_ends_with_its_event_or_its_time() -> None:
    event = asyncio.Event()
    await pause_or(event, 0.001)
    event.set()
    async with asyncio.timeout(60):
        await pause_or(event, 3_600)


@pytest.mark.parametrize("turns", range(8))
async def test_a_job_that_is_told_to_end_while_its_event_comes_ends(turns: int) -> None:
    """Whatever turn of the loop lies between the event and the cancellation."""
    event = asyncio.Event()

    async def job() -> None:
        while True:
            await pause_or(event, 3_600)
            event.clear()

    running = asyncio.create_task(job())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    event.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=10)
    running.cancel()
    assert running in done
