"""Pauses grow to a bound, and end by an event, by their time, and by a cancellation."""

import asyncio
from datetime import timedelta

import pytest

from shared.platform.backoff import growing_pause, pause_or


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


def test_pauses_double_up_to_the_longest_however_often_it_failed() -> None:
    seconds = [
        growing_pause(failures, timedelta(seconds=20), timedelta(hours=1)).total_seconds()
        for failures in (0, 1, 2, 3, 8, 9, 10_000)
    ]
    assert seconds == [20, 20, 40, 80, 2_560, 3_600, 3_600]
