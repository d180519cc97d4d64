"""What changes in the register, told to the pages that are open: one listener for a whole process.

PostgreSQL tells whom the items that changed concern (sql/0012, 0013): services, and persons behind
an `@`; each reader hears only of what concerns them, and of several changes at once only once.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from shared.platform.backoff import pause_or
from shared.platform.notifications import ListeningSession, follow_channel

CHANNEL = "desk_news"
EVERYTHING = "*"
QUEUE = "#queue"
"""Somebody opened or left a letter of the queue (sql/0460): told to its pages alone."""
ALIVE_SECONDS = 10.0
"""How often the listening connection is asked whether it still is one."""


@dataclass(eq=False)
class NewsReader:
    """The subscription by which an open web page hears of changed items.

    `whom`: the services, and the persons behind an `@`, of whose items it hears; `None`: all.
    """

    whom: frozenset[str] | None
    sorts: bool = False
    """Whether it is a page of the queue, or of a letter that waits there."""
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    def concerns(self, changed: frozenset[str]) -> bool:
        """Whether a change that is about these services and persons is of interest to the page."""
        if QUEUE in changed:
            return self.sorts
        return self.whom is None or EVERYTHING in changed or bool(self.whom & changed)

    def tell(self) -> None:
        """Wakes the subscribed page, since something that concerns it changed."""
        self._told.set()

    async def wait(self, seconds: float) -> bool:
        """Waits up to `seconds` for a change; returns whether there was one."""
        await pause_or(self._told, seconds)
        if not self._told.is_set():
            return False
        self._told.clear()
        return True


class News:
    """The listener that passes PostgreSQL's notifications of changed items to open pages."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._readers: set[NewsReader] = set()

    @contextmanager
    def reader(self, whom: frozenset[str] | None, *, sorts: bool = False) -> Iterator[NewsReader]:
        """Subscribes an open page to changes as long as the context manager is open."""
        one = NewsReader(whom, sorts)
        self._readers.add(one)
        try:
            yield one
        finally:
            self._readers.discard(one)

    async def follow(self) -> None:
        """Listens to PostgreSQL until cancelled; reports a lost connection as a change."""
        await follow_channel(self._url, "news", CHANNEL, ALIVE_SECONDS, self._pass_on)

    async def _pass_on(self, _session: ListeningSession, payloads: Sequence[str] | None) -> None:
        for payload in (EVERYTHING,) if payloads is None else payloads:
            self._hear(payload)

    def _hear(self, payload: str) -> None:
        changed = frozenset(payload.split())
        for reader in self._readers:
            if reader.concerns(changed):
                reader.tell()
