"""Two threads read the mails of a batch; a slow one holds one of them, and no order changes."""

import threading
from collections.abc import Sequence

import pytest

from services.ingest.reader_threads import MOST, MOST_OCTETS, read_parallel, read_shares

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


async def shares_of(sizes: Sequence[int]) -> list[list[int]]:
    """The shares in which mails of these sizes are read, by the place of each mail."""
    shares = list[list[int]]()

    def read(share: Sequence[tuple[int, int]]) -> list[int]:
        shares.append([number for number, _ in share])
        return shares[-1]

    mails = list(enumerate(sizes))
    assert await read_shares(read, mails, lambda mail: mail[1]) == list(range(len(sizes)))
    return sorted(shares)


async def test_mails_are_read_in_shares_that_become_smaller_towards_the_end() -> None:
    lengths = [len(share) for share in await shares_of([1] * 50)]
    assert lengths[:2] == [MOST, MOST]
    assert lengths[-2:] == [1, 1]
    assert lengths == sorted(lengths, reverse=True)


async def test_a_large_mail_is_a_share_of_its_own() -> None:
    small, large = MOST_OCTETS // 2, MOST_OCTETS * 2
    found = await shares_of([large, small, small, small, *[large] * 8])
    assert found[:3] == [[0], [1, 2], [3]]


async def test_what_a_reader_gives_up_behind_a_mail_is_read_by_whoever_is_free() -> None:
    asked = list[list[int]]()

    def read(share: Sequence[int]) -> list[int]:
        asked.append(list(share))
        return [-number for number in share[: 1 if 0 in share else None]]

    assert await read_shares(read, range(12), lambda _: 1) == [-number for number in range(12)]
    assert sorted(number for share in asked for number in share) != list(range(12)), "asked again"
