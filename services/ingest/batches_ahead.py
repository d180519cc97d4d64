"""The batches of a pass: one goes to the disk, the next one is judged, the one behind it travels.

So three of them are at hand at most. Nothing waits where the server is asked how large the next
mails are: that question travels with the mails.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from services.ingest.in_hand import alone
from services.ingest.mail_reader import JudgedBatch
from services.ingest.mailbox import Fetched, MailSource, batches
from services.ingest.worker_thread import WorkerThread

_SIZES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """The emails of a batch as the server gave them, and all UIDs that it was asked for."""

    uids: Sequence[int]
    mails: Sequence[Fetched]
    """Without those that are no longer there."""


Judge: TypeAlias = Callable[[FetchedBatch], Coroutine[Any, Any, JudgedBatch]]
"""Judges the emails of a batch that was fetched."""


class FetchAhead:
    """The fetches of one pass over a mail folder, one batch ahead of whoever asks."""

    def __init__(
        self,
        source: MailSource,
        thread: WorkerThread,
        uids: Sequence[int],
        suspects: Mapping[int, int],
    ) -> None:
        """Fetches nothing yet.

        `thread` is that of the source, `uids` those of the pass; each of `suspects` is a batch of
        its own.
        """
        self._source = source
        self._thread = thread
        self._batches = _parted(source, uids, suspects)
        self._ahead: asyncio.Future[FetchedBatch | None] | None = None

    def batch(self) -> "asyncio.Future[FetchedBatch | None]":
        """Returns a future of the next batch, and begins to fetch the one behind it.

        `None` behind the last one. The future may raise MailFailure.
        """
        asked = self._ahead or self._thread.run(self._fetch)
        self._ahead = self._thread.run(self._fetch)
        return asked

    def end(self) -> None:
        """Forgets the batch that nobody has asked for, unless it is being fetched."""
        if self._ahead is not None:
            self._ahead.cancel()

    def _fetch(self) -> FetchedBatch | None:
        """In the thread of the source, which alone goes on with the batches."""
        uids = next(self._batches, None)
        return None if uids is None else FetchedBatch(uids, self._source.fetch(uids))


def _parted(
    source: MailSource, uids: Sequence[int], suspects: Mapping[int, int]
) -> Iterator[Sequence[int]]:
    """The batches of a pass; the sizes of their mails are asked as they are needed."""
    for start in range(0, len(uids), _SIZES_AT_ONCE):
        sizes = source.sizes(uids[start : start + _SIZES_AT_ONCE])
        yield from alone(list(batches(sizes)), suspects)


async def judged_ahead(fetches: FetchAhead, judge: Judge) -> AsyncGenerator[JudgedBatch, None]:
    """Yields the batches of a pass in their order, the next one being judged meanwhile.

    To be closed by whoever stops before its end. Raises what fetching or judging raises.
    """

    async def judge_next() -> JudgedBatch | None:
        fetched = await fetches.batch()
        return None if fetched is None else await judge(fetched)

    ahead = asyncio.create_task(judge_next())
    try:
        while (batch := await ahead) is not None:
            ahead = asyncio.create_task(judge_next())
            yield batch
    finally:
        fetches.end()
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)
