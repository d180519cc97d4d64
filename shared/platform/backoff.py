"""How long to wait before another try at what our own servers, disks and shares refused.

Five seconds at most: an outage ends for us when it ends, and a question every five seconds costs a
server that comes back nothing. What is not ours is asked less often, where it is asked.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

PAUSES = (1.0, 2.0, 5.0)


def pause_after(failures: int, pauses: Sequence[float] = ()) -> float:
    """Returns the retry backoff: seconds to wait after so many failures in a row (1 or more)."""
    pauses = pauses or PAUSES  # asked when it is called, since tests replace it
    return pauses[min(max(failures, 1), len(pauses)) - 1]


async def pause_or(event: asyncio.Event, seconds: float) -> None:
    """Waits until an event is set, but at most `seconds`.

    Not by `asyncio.wait_for`, which until Python 3.12 forgets a cancellation that comes at the
    moment of the event: a job that is told to end would go on for ever.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
