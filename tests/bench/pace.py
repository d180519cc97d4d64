"""How fast the machine is while something else is measured on it.

A processor that others share is twice as fast at night as by day, a core whose other half works is
slower than one left alone, and milliseconds of two runs say nothing of the code between them. Once
a second the standard library reads a handful of the bench's mails, which is work like ours:
parsing, decoding, many small objects. What that cost, in the processor's time of its own thread,
stands beside what is measured, with what it cost before: their ratio can be compared.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes, policy
from statistics import median
from typing import Final

from tests.bench.door_mails import a_door_mail

MAILS: Final = 10
"""One of each kind of the bench: a look takes some 15 ms."""
EVERY_SECONDS: Final = 1.0
BEFORE: Final = 9
"""Looks before anything else runs."""


class Pace:
    """What reading a mail takes, in milliseconds: with nothing else to do, and meanwhile."""

    def __init__(self) -> None:
        self._mails = [a_door_mail(number) for number in range(MAILS)]
        self.alone = median(self._look() for _ in range(BEFORE))
        self._looks = list[float]()

    def look(self) -> None:
        """Reads each mail once."""
        self._looks.append(self._look())

    @property
    def meanwhile(self) -> float:
        """What a mail took in half of the looks; at least one was made."""
        return median(self._looks)

    def _look(self) -> float:
        begun = time.thread_time()
        for octets in self._mails:
            mail = message_from_bytes(octets, policy=policy.default)
            _ = mail["Subject"], mail["From"]
            for part in mail.walk():
                if part.get_content_maintype() == "text":
                    part.get_content()
        return (time.thread_time() - begun) * 1000 / MAILS


@asynccontextmanager
async def measured_pace() -> AsyncIterator[Pace]:
    """A block during which the pace is taken, by a thread of this process; nothing runs before."""
    pace = await asyncio.to_thread(Pace)
    task = asyncio.create_task(_look_on(pace))
    try:
        yield pace
        await asyncio.to_thread(pace.look)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look_on(pace: Pace) -> None:
    while True:
        await asyncio.to_thread(pace.look)
        await asyncio.sleep(EVERY_SECONDS)
