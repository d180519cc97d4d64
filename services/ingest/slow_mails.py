"""Mails of a folder that take long to open: read apart, one after the other, and kept as they come.

A mailbox waits for each mail two seconds at most (services/ingest/mail_parser.py). Nothing is lost
meanwhile: the UID of a mail that is read apart has no place in the database, so that a process that
dies, or a connection that breaks, has it listed and fetched anew by the audit of the next one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Generic, TypeVar

from services.ingest.mailbox import Fetched

_T = TypeVar("_T")
MOST: Final = 20
MOST_OCTETS: Final = 64_000_000
"""Held at a time; a folder with more of them waits."""


class SlowMails(Generic[_T]):
    """The slow mails of one folder in one session, read apart by one task, in their order."""

    def __init__(self, read: Callable[[Fetched], Awaitable[_T]], news: Callable[[], None]) -> None:
        """Starts nothing yet; `read` reads a mail patiently, `news` is called when one was read."""
        self._read_one = read
        self._news = news
        self._waiting: deque[Fetched] = deque()
        self._ready: list[tuple[int, _T]] = []
        self._failure: Exception | None = None
        self._reading: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._pass: datetime | None = None
        self._pass_before: datetime | None = None
        self._not_before = dict[int, datetime | None]()

    @property
    def uids(self) -> Sequence[int]:
        """The UIDs of the mails that wait, are being read, or were read and not taken yet."""
        return [*(mail.uid for mail in self._waiting), *(uid for uid, _ in self._ready)]

    def begin_pass(self, now: datetime) -> None:
        """Starts a pass of the session, before the folder is listed; the one before is over."""
        self._pass_before, self._pass = self._pass, now

    @property
    def shown_after(self) -> datetime | None:
        """The begin of the pass before this one, which did not show what this one shows."""
        return self._pass_before

    def kept_until(self) -> datetime | None:
        """Until when the folder is read completely, at the end of a pass whose others are kept.

        It is the begin of that pass; with mails apart, of the last one that showed none of them.
        `None` where one of them was there at the first pass: nobody knows since when.
        """
        until = self._pass
        for uid in self.uids:
            shown_after = self._not_before[uid]
            if until is None or shown_after is None:
                return None
            until = min(until, shown_after)
        return until

    @property
    def any_ready(self) -> bool:
        """Whether `take` has something to return, or to raise."""
        return bool(self._ready) or self._failure is not None

    async def add(self, mails: Sequence[Fetched]) -> None:
        """Has mails read apart; returns at once, unless too many wait already."""
        for mail in mails:
            while self._full() and self._failure is None:
                self._room.clear()
                await self._room.wait()
            self._waiting.append(mail)
            self._not_before[mail.uid] = self._pass_before
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())

    def take(self) -> Sequence[_T]:
        """Returns what was read since the last call, in order; raises what a reading raised."""
        if self._failure is not None:
            raise self._failure
        ready, self._ready = self._ready, []
        for uid, _ in ready:
            del self._not_before[uid]
        return [read for _, read in ready]

    async def end(self) -> None:
        """Ends the reading; what was not taken is forgotten, and listed by the next session."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _full(self) -> bool:
        octets = sum(len(mail.octets) for mail in self._waiting)
        return len(self._waiting) >= MOST or (bool(self._waiting) and octets > MOST_OCTETS)

    async def _read(self) -> None:
        while self._waiting and self._failure is None:
            try:
                read = await self._read_one(self._waiting[0])
                self._ready.append((self._waiting[0].uid, read))
            except Exception as failure:  # noqa: BLE001  (raised where it is taken)
                self._failure = failure
            self._waiting.popleft()
            self._room.set()
            self._news()
