"""Marks are set one batch behind what is kept, in its order; what fails ends the pass."""

import asyncio
from collections.abc import Sequence

import pytest

from services.ingest.mailbox import MailFailure
from services.ingest.marks_behind import MarksBehind


class Server:
    """A mail server that marks when it is let go."""

    def __init__(self) -> None:
        self.marked: list[int] = []
        self.let_go = asyncio.Event()
        self.away = False

    async def mark(self, uids: Sequence[int]) -> None:
        await self.let_go.wait()
        if self.away:
            raise MailFailure("Mailbox fake: the server is away.")
        self.marked += uids


async def test_who_adds_waits_for_the_marks_before_and_never_for_its_own() -> None:
    server = Server()
    marks = MarksBehind(server.mark)
    await marks.add([1, 2])
    second = asyncio.create_task(marks.add([3]))
    await asyncio.sleep(0)
    assert not second.done()
    assert not server.marked
    server.let_go.set()
    await second
    assert server.marked[:2] == [1, 2]
    await marks.wait()
    assert server.marked == [1, 2, 3]


@pytest.mark.parametrize("behind", [[2], []])
async def test_a_mark_that_fails_is_raised_where_the_next_is_added(behind: list[int]) -> None:
    server = Server()
    server.away = True
    server.let_go.set()
    marks = MarksBehind(server.mark)
    await marks.add([1])
    with pytest.raises(MailFailure):
        await marks.add(behind)
    await marks.wait()
    assert not server.marked


async def test_it_ends_without_a_mark_that_never_comes_and_raises_nothing() -> None:
    server = Server()
    marks = MarksBehind(server.mark)
    await marks.wait()
    await marks.add([1])
    await marks.end()
    assert not server.marked
    await marks.end()
