"""A reading process is waited for as long as it works, whatever the clock says."""

import asyncio
import os
import time

import pytest

from services.ingest.scan_reader import while_it_works

PATIENCE = 0.2


async def _works(seconds: float) -> str:
    """Takes far longer than the patience, and works in each part of it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        worked = time.process_time() + 0.03
        while time.process_time() < worked:
            pass
        await asyncio.sleep(PATIENCE / 4)
    return "read"


async def test_a_process_that_works_is_waited_for_beyond_its_patience() -> None:
    assert await while_it_works(_works(6 * PATIENCE), os.getpid, PATIENCE) == "read"


async def test_a_process_that_is_gone_is_not_waited_for() -> None:
    with pytest.raises(TimeoutError):
        await while_it_works(asyncio.sleep(600), lambda: None, PATIENCE)


async def test_what_is_raised_meanwhile_is_raised() -> None:
    async def ends() -> None:
        raise EOFError

    with pytest.raises(EOFError):
        await while_it_works(ends(), os.getpid, PATIENCE)
