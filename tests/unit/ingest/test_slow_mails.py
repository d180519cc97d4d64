"""Slow mails are read apart, one after the other; too many of them hold their folder."""

import asyncio

import pytest

from services.ingest.mailbox import Fetched
from services.ingest.slow_mails import MOST, SlowMails
from shared.errors import TemporaryFailure


def mail(uid: int, octets: bytes = b"x") -> Fetched:
    return Fetched(uid, None, octets)


class Reading:
    """Reads one mail each time that it is let go, and counts what it told."""

    def __init__(self) -> None:
        self.let_go = asyncio.Semaphore(0)
        self.told = asyncio.Semaphore(0)
        self.slow = SlowMails(self._read, self.told.release)

    async def _read(self, one: Fetched) -> int:
        await self.let_go.acquire()
        if not one.octets:
            raise TemporaryFailure("No process can be started.")
        return one.uid

    async def one(self) -> None:
        self.let_go.release()
        await self.told.acquire()


async def test_mails_are_read_in_their_order_and_taken_once() -> None:
    reading = Reading()
    await reading.slow.add([mail(3), mail(5)])
    assert not reading.slow.any_ready
    await reading.one()
    assert set(reading.slow.uids) == {3, 5}, "read, and not kept yet"
    assert reading.slow.take() == [3]
    assert reading.slow.uids == [5]
    await reading.one()
    await reading.slow.add([mail(9)])
    await reading.one()
    assert reading.slow.take() == [5, 9]
    assert not reading.slow.pending


async def test_what_cannot_be_read_now_is_raised_where_it_is_taken() -> None:
    reading = Reading()
    await reading.slow.add([mail(1), mail(2, b""), mail(3)])
    await reading.one()
    await reading.one()
    with pytest.raises(TemporaryFailure):
        reading.slow.take()
    await reading.slow.end()


@pytest.mark.parametrize("octets", [b"x", bytes(64_000_001)])
async def test_a_folder_with_too_many_of_them_waits_for_room(octets: bytes) -> None:
    reading = Reading()
    count = MOST if len(octets) == 1 else 1
    await reading.slow.add([mail(uid, octets) for uid in range(count)])
    adding = asyncio.create_task(reading.slow.add([mail(99)]))
    await asyncio.sleep(0)
    assert 99 not in reading.slow.uids
    await reading.one()
    await adding
    assert 99 in reading.slow.uids
    await reading.slow.end()


async def test_a_session_that_ends_forgets_what_is_read() -> None:
    reading = Reading()
    await reading.slow.add([mail(1)])
    await reading.slow.end()
    assert not reading.slow.any_ready
