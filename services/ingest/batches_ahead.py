"""The batches of a pass: one goes to the disk, the next one is judged, the one behind it travels.

So three of them are at hand at most.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from services.ingest.mail_reader import JudgedBatch
from services.ingest.mailbox import Fetched, MailSource
from services.ingest.worker_thread import WorkerThread

Judge: TypeAlias = Callable[
    [Awaitable[list[Fetched]], Sequence[int]], Coroutine[Any, Any, JudgedBatch]
]
"""Judges the emails of a batch, once they are fetched; its UIDs beside them."""


class FetchAhead:
    """The fetches of one pass over a mail folder, one batch ahead of whoever asks."""

    def __init__(
        self, source: MailSource, thread: WorkerThread, batches: Sequence[Sequence[int]]
    ) -> None:
        """Fetches nothing yet; `batches` are UIDs, `thread` is that of the source."""
        self._source = source
        self._thread = thread
        self._batches = batches
        self._next: asyncio.Future[list[Fetched]] | None = None

    def batch(self, number: int) -> "asyncio.Future[list[Fetched]]":
        """Returns a future of the emails of a batch (from 0), and begins to fetch the next one.

        Batches are asked in their order. The future may raise MailFailure.
        """
        asked = self._next or self._fetch(number)
        self._next = self._fetch(number + 1) if number + 1 < len(self._batches) else None
        return asked

    def end(self) -> None:
        """Forgets the batch that nobody has asked for, unless it is being fetched."""
        if self._next is not None:
            self._next.cancel()

    def _fetch(self, number: int) -> "asyncio.Future[list[Fetched]]":
        return self._thread.run(self._source.fetch, self._batches[number])


async def judged_ahead(
    fetches: FetchAhead, judge: Judge, batches: Sequence[Sequence[int]]
) -> AsyncGenerator[JudgedBatch, None]:
    """Yields the batches of a pass in their order, the next one being judged meanwhile.

    To be closed by whoever stops before its end. Raises what fetching or judging raises.
    """
    ahead: asyncio.Task[JudgedBatch] | None = None
    try:
        for number, uids in enumerate(batches):
            batch = await (ahead or judge(fetches.batch(number), uids))
            ahead = None
            if number + 1 < len(batches):
                following = judge(fetches.batch(number + 1), batches[number + 1])
                ahead = asyncio.create_task(following)
            yield batch
    finally:
        fetches.end()
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
