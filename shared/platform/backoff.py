"""How long to wait before another try: at what is ours, and at what other houses run.

Five seconds at most where our own servers, disks and shares refuse: an outage ends for us when it
ends, and a question every five seconds costs a server that comes back nothing. What is not ours
(the parapheur, the archive, a webhook's receiver) is asked less and less often.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

PAUSES = (1.0, 2.0, 5.0)


def pause_after(failures: int, pauses: Sequence[float] = ()) -> float:
    """Returns the retry backoff: seconds to wait after so many failures in a row (1 or more)."""
    pauses = pauses or PAUSES  # asked when it is called, since tests replace it
    return pauses[min(max(failures, 1), len(pauses)) - 1]


def growing_pause(failures: int, first: timedelta, longest: timedelta) -> timedelta:
    """Returns an exponential backoff: `first` after one failure, twice as long after each more.

    Args:
        failures: how many in a row, 1 or more; fewer count as one.
        first: the pause after the first failure.
        longest: what no pause exceeds.
    """
    steps = min(max(failures, 1) - 1, 32)  # beyond, `longest` whatever it is
    seconds = first.total_seconds() * 2**steps
    return timedelta(seconds=min(seconds, longest.total_seconds()))


async def pause_or(event: asyncio.Event, seconds: float) -> None:
    """Waits until an event is set, but at most `seconds`.

    Not by `asyncio.wait_for`, which until Python 3.12 forgets a cancellation that comes at the
    moment of the event: a job that is told to end would go on for ever.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
