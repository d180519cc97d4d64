"""Two pages of a file are read at once, never more, and nobody waits for one that nobody reads."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.ingest.ocr import UNREAD, PageText
from services.ingest.pages_ahead import SLOW_SECONDS, read_ahead
from services.ingest.scan_documents import read_pages
from shared.errors import TemporaryFailure

FILE = Path("scan")
PATIENCE = 60


class Readers:
    """So many reading processes, each of which reads one page when it is told to."""

    def __init__(self, count: int = 2) -> None:
        self._free = asyncio.Semaphore(count)
        self.began: list[int] = []
        self.in_work: list[int] = []
        self.most = 0
        self.held = asyncio.Event()
        self.held.set()
        self.answers: dict[int, PageText | Exception] = {}

    async def read(self, file: Path, page: int) -> PageText:
        assert file == FILE
        async with self._free:
            self.began.append(page)
            self.in_work.append(page)
            self.most = max(self.most, len(self.in_work))
            try:
                await asyncio.sleep(0)
                await self.held.wait()
            finally:
                self.in_work.remove(page)
        answer = self.answers.get(page, PageText(f"page {page}", 95.0, 2, 0.5))
        if isinstance(answer, Exception):
            raise answer
        return answer


async def texts(readers: Readers, pages: Sequence[int]) -> list[PageText]:
    async with asyncio.timeout(PATIENCE), read_ahead(readers, pages) as ocr:
        return await read_pages(ocr, FILE, pages, frozenset())


def late(page: int) -> PageText:
    return PageText("", 0.0, 0, 45.0, reason="timeout" if page % 2 else "crash")


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_pages_come_in_their_order_two_at_once_at_most(count: int) -> None:
    readers = Readers(count)
    found = await texts(readers, range(1, 8))
    assert [text.text for text in found] == [f"page {page}" for page in range(1, 8)]
    assert readers.began == list(range(1, 8)), "each once"
    assert readers.most == min(count, 2)


async def test_the_next_page_is_read_while_nobody_takes_what_was_read() -> None:
    """Whoever takes a document may be slow; what is read ahead ends all the same."""
    readers = Readers(1)
    async with asyncio.timeout(PATIENCE), read_ahead(readers, [1, 2, 3]) as ocr:
        await ocr.read(FILE, 1)
        while readers.began != [1, 2] or readers.in_work:  # noqa: ASYNC110  (a few turns)
            await asyncio.sleep(0)
        other = await readers.read(FILE, 9)  # the only process is free for another file
        assert other.text == "page 9"
        assert (await ocr.read(FILE, 2)).text == "page 2"
    assert readers.began == [1, 2, 9], "what nobody asked for has not begun"


async def test_many_files_at_once_all_end_in_few_processes() -> None:
    readers = Readers(2)
    many = await asyncio.gather(*(texts(readers, range(1, 6)) for _ in range(20)))
    assert all(
        [text.text for text in found] == [f"page {n}" for n in range(1, 6)] for found in many
    )
    assert not readers.in_work


@pytest.mark.parametrize("slow", [late(1), PageText("page 1", 95.0, 2, SLOW_SECONDS + 0.1)])
async def test_behind_a_slow_page_they_are_read_one_by_one(slow: PageText) -> None:
    readers = Readers()
    readers.answers[3] = slow
    async with asyncio.timeout(PATIENCE), read_ahead(readers, range(1, 8)) as ocr:
        for page in (1, 2, 3):
            await ocr.read(FILE, page)
        readers.most = 0
        for page in (4, 5, 6, 7):
            await ocr.read(FILE, page)
    assert readers.most <= 1
    assert readers.began == list(range(1, 8))


async def test_after_three_late_pages_the_rest_is_not_read() -> None:
    readers = Readers()
    readers.answers = {page: late(page) for page in range(1, 9)}
    found = await texts(readers, range(1, 9))
    assert readers.began == [1, 2, 3]
    assert found[3:] == [UNREAD] * 5


async def test_pages_that_nobody_asks_for_are_passed_over() -> None:
    readers = Readers()
    async with asyncio.timeout(PATIENCE), read_ahead(readers, range(1, 10)) as ocr:
        assert [(await ocr.read(FILE, page)).text for page in (1, 5, 9)] == [
            "page 1", "page 5", "page 9",
        ]  # fmt: skip
    assert readers.most == 2


async def test_what_keeps_a_page_from_being_read_is_raised_where_it_is_asked_for() -> None:
    readers = Readers()
    readers.answers[2] = TemporaryFailure("No process can be started.")
    async with asyncio.timeout(PATIENCE), read_ahead(readers, [1, 2, 3]) as ocr:
        assert (await ocr.read(FILE, 1)).text == "page 1"
        with pytest.raises(TemporaryFailure):
            await ocr.read(FILE, 2)


async def test_with_the_block_and_with_its_task_every_page_in_work_ends() -> None:
    readers = Readers()
    readers.held.clear()
    reading = asyncio.create_task(texts(readers, [1, 2, 3]))
    async with asyncio.timeout(PATIENCE):
        while len(readers.in_work) < 2:  # noqa: ASYNC110  (as above)
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert not readers.in_work
    readers.held.set()
    assert (await texts(readers, [1]))[0].text == "page 1", "its process is free again"
