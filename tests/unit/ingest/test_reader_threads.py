"""Two threads read the mails of a batch; a slow one holds one of them, and no order changes."""

import threading

import pytest

from services.ingest.reader_threads import read_parallel

MINUTES = 300


async def test_results_stand_in_the_order_of_the_mails_though_the_first_is_the_last_read() -> None:
    others = threading.Barrier(2)
    done = list[int]()

    def read(number: int) -> int:
        if number in {0, 5}:
            others.wait(MINUTES)
        done.append(number)
        return number * 10

    assert await read_parallel(read, range(6)) == [0, 10, 20, 30, 40, 50]
    assert set(done[:4]) == {1, 2, 3, 4}, "one slow mail held nobody else"


async def test_a_failure_is_raised_and_what_was_not_begun_is_left() -> None:
    begun = list[int]()

    def read(number: int) -> int:
        begun.append(number)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"0|1"):
        await read_parallel(read, range(50))
    assert set(begun) <= {0, 1}


async def test_no_mail_needs_no_thread() -> None:
    assert await read_parallel(str, []) == []
