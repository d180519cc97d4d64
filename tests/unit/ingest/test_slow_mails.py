"""Slow mails are read apart, one after the other; too many of them hold their folder."""

import asyncio
from datetime import UTC, datetime, timedelta

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
    assert reading.slow.uids == []


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


def minute(number: int) -> datetime:
    return datetime(2026, 5, 12, 8, tzinfo=UTC) + timedelta(minutes=number)


async def test_a_trickle_of_slow_mails_does_not_hold_back_until_when_a_folder_is_read() -> None:
    reading, told = Reading(), list[datetime | None]()
    for number in range(5):
        reading.slow.begin_pass(minute(number))
        if number:
            await reading.one()
            reading.slow.take()
        await reading.slow.add([mail(number)])
        told.append(reading.slow.kept_until())
    assert told == [None, minute(0), minute(1), minute(2), minute(3)]
    reading.slow.begin_pass(minute(5))
    assert reading.slow.kept_until() == minute(3), "the one of minute 4 is still read"
    await reading.one()
    assert reading.slow.kept_until() == minute(3), "read, and not kept yet"
    reading.slow.take()
    assert reading.slow.kept_until() == minute(5)


async def test_the_oldest_of_several_slow_mails_says_until_when_a_folder_is_read() -> None:
    reading = Reading()
    reading.slow.begin_pass(minute(0))
    assert reading.slow.kept_until() == minute(0)
    for number in (1, 2, 3):
        reading.slow.begin_pass(minute(number))
        await reading.slow.add([mail(number)])
        assert reading.slow.kept_until() == minute(0)
    await reading.one()
    reading.slow.take()
    assert reading.slow.kept_until() == minute(1)
    await reading.slow.end()
