"""The batches of a pass: while one is kept the next is judged and the one behind is fetched."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from services.ingest.batches_ahead import FetchAhead, FetchedBatch, judged_ahead
from services.ingest.mail_reader import JudgedBatch
from services.ingest.mailbox import BATCH, Fetched, MailFailure
from services.ingest.worker_thread import WorkerThread
from tests.fake_mail import FakeFolder, FakeSource

MAILS = 12 * BATCH + 1
"""Their sizes are asked in three questions; twelve batches and one of a single mail."""


@dataclass
class Recording(FakeSource):
    """A source that says which batches it was asked for."""

    folder: FakeFolder
    fetched: list[list[int]] = field(default_factory=list)
    fails_at: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.folder)

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        self.fetched.append(list(uids))
        if self.fails_at in uids:
            raise MailFailure("Mailbox fake: the server is away.")
        return super().fetch(uids)


@pytest.fixture
def source() -> Recording:
    folder = FakeFolder()
    for number in range(MAILS):
        folder.deliver(b"Subject: %d\r\n\r\n" % number)
    return Recording(folder)


@pytest.fixture
def thread() -> Iterator[WorkerThread]:
    thread = WorkerThread("test")
    yield thread
    thread.end()


async def until_they_are(batches: list[list[int]], wanted: list[list[int]]) -> None:
    async with asyncio.timeout(60):
        while batches != wanted:  # noqa: ASYNC110  (a thread fetches)
            await asyncio.sleep(0.001)


class Judge:
    """Judges nothing; says of which batches it was asked."""

    def __init__(self) -> None:
        self.begun: list[list[int]] = []

    async def __call__(self, batch: FetchedBatch) -> JudgedBatch:
        self.begun.append([mail.uid for mail in batch.mails])
        await asyncio.sleep(0)
        return JudgedBatch(max(batch.uids), batch.mails, [], [])


async def kept(batches: AsyncIterator[JudgedBatch]) -> list[int]:
    return [mail.uid async for batch in batches for mail in batch.mails]


async def test_nothing_waits_where_the_sizes_of_the_next_mails_are_asked(
    source: Recording, thread: WorkerThread
) -> None:
    """Every five hundred mails: the two batches behind the one kept are at hand all the same."""
    uids, judge = range(1, MAILS + 1), Judge()
    wanted = [list(uids[start : start + BATCH]) for start in range(0, MAILS, BATCH)]
    number = 0
    async with aclosing(judged_ahead(FetchAhead(source, thread, uids, {}), judge)) as judged:
        async for batch in judged:
            number += 1
            assert [mail.uid for mail in batch.mails] == wanted[number - 1]
            await until_they_are(source.fetched, wanted[: number + 2])
            await until_they_are(judge.begun, wanted[: number + 1])
    assert number == len(wanted)
    assert source.fetched == judge.begun == wanted


async def test_a_suspect_is_a_batch_of_its_own(source: Recording, thread: WorkerThread) -> None:
    fetches = FetchAhead(source, thread, range(1, 6), {3: 1})
    assert await kept(judged_ahead(fetches, Judge())) == [1, 2, 3, 4, 5]
    assert source.fetched == [[1, 2], [3], [4, 5]]


async def test_what_fails_is_raised_behind_the_batches_before_it(
    source: Recording, thread: WorkerThread
) -> None:
    source.fails_at = 2 * BATCH + 1
    before = list[int]()

    async def keep() -> None:
        fetches = FetchAhead(source, thread, range(1, MAILS + 1), {})
        async for batch in judged_ahead(fetches, Judge()):
            before.append(batch.last_uid)

    with pytest.raises(MailFailure):
        await keep()
    assert before == [BATCH, 2 * BATCH]


async def test_whoever_stops_leaves_no_batch_that_is_judged(
    source: Recording, thread: WorkerThread
) -> None:
    tasks = asyncio.all_tasks()
    judged = judged_ahead(FetchAhead(source, thread, range(1, MAILS + 1), {}), Judge())
    async with aclosing(judged):
        await anext(judged)
    assert asyncio.all_tasks() == tasks
    assert len(source.fetched) <= 3, "what nobody asks for is not fetched"


async def test_a_pass_of_nothing_asks_nothing(source: Recording, thread: WorkerThread) -> None:
    assert await kept(judged_ahead(FetchAhead(source, thread, [], {}), Judge())) == []
    assert source.fetched == []
