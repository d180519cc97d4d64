"""The sleep of the ticker, and the word that ends it: an item may be due sooner than was known."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from pydantic import SecretStr

from shared.platform.clock import Clock
from shared.platform.notifications import ListeningSession, follow_channel

CHANNEL = "sla_wake"
"""Where a trigger tells that an item's wake-up has changed (sla/sql/0490_wake_told.sql)."""
LISTEN_SECONDS = 60.0
"""How often the listener's connection is tried when it hears nothing."""

UntilDue: TypeAlias = Callable[[], Awaitable[timedelta]]
"""Asks in how long the next item is due, or the poll."""


class DueWatch:
    """The wait of a ticker until its next item is due; it ends earlier if another is due sooner."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = asyncio.Event()

    async def listen(self, url: SecretStr) -> None:
        """Listens, until cancelled, to PostgreSQL notifications that an item may be due sooner."""
        await follow_channel(url, "ticker", CHANNEL, LISTEN_SECONDS, self._hear)

    async def rest(self, due: UntilDue) -> None:
        """Waits until an item is due: the next one, or one that became due sooner meanwhile.

        It also ends when the simulated time of a demo moves. `due` asks for the time until the next
        item.
        """
        self._told.clear()
        longest = await due()
        ends = time.monotonic() + longest.total_seconds()
        pausing = asyncio.ensure_future(self._clock.pause(longest))
        try:
            while await self._is_told(pausing):
                left = timedelta(seconds=ends - time.monotonic())
                if await due() < left:
                    return
            await pausing
        finally:
            pausing.cancel()
            await asyncio.gather(pausing, return_exceptions=True)

    async def _is_told(self, pausing: "asyncio.Future[None]") -> bool:
        """Waits for a word or the end of the pause; whether the pause goes on."""
        hearing = asyncio.ensure_future(self._told.wait())
        either: set[asyncio.Future[Any]] = {hearing, pausing}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
        self._told.clear()
        return not pausing.done()

    async def _hear(self, _session: ListeningSession, _payloads: Sequence[str] | None) -> None:
        self._told.set()
