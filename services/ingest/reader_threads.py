"""Mails of a batch read by two threads, each of which waits for a child process of its own.

While a child reads one mail the other thread judges another: both cores work. A thread takes a few
mails at a time, fewer as fewer are left. One that takes long holds one thread, which gives back
what it had taken behind it; the other goes on with all that is left.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")
THREADS: Final = 2
MOST: Final = 8
MOST_OCTETS: Final = 1_000_000


async def read_parallel(read: Callable[[_T], _R], mails: Sequence[_T]) -> list[_R]:
    """Calls `read` on each of some mails, in two threads; returns the results in the mails' order.

    Raises what `read` raises first: what was not begun by then is not read, and what was in work is
    waited for.
    """
    return await read_shares(
        lambda share: [read(mail) for mail in share], mails, lambda _: MOST_OCTETS
    )


async def read_shares(
    read: Callable[[Sequence[_T]], Sequence[_R]],
    mails: Sequence[_T],
    octets: Callable[[_T], int],
) -> list[_R]:
    """Calls `read` on shares of some mails, in two threads; returns all results in their order.

    Args:
        read: returns the results of the mails of a share, in their order; of the first ones alone
            when it gives up behind one, and then it is asked for the others again.
        mails: all of them; a share has eight at most, and one megabyte.
        octets: the size of a mail; one larger than a megabyte is a share of its own.

    Raises what `read` raises first, as `read_parallel`.
    """
    results = dict[int, _R]()
    left, turn, failed = deque(enumerate(mails)), threading.Lock(), threading.Event()

    def take() -> list[tuple[int, _T]]:
        share = list[tuple[int, _T]]()
        with turn:
            most, room = min(MOST, 1 + len(left) // (2 * THREADS)), MOST_OCTETS
            while left and len(share) < most:
                room -= octets(left[0][1])
                if share and room < 0:
                    break
                share.append(left.popleft())
        return share

    def work() -> None:
        try:
            while not failed.is_set() and (share := take()):
                found = read([mail for _, mail in share])
                results.update(
                    (number, result) for (number, _), result in zip(share, found, strict=False)
                )
                with turn:
                    left.extendleft(reversed(share[len(found) :]))
        except BaseException:
            failed.set()
            raise

    threads = min(THREADS, len(mails))
    ended = await asyncio.gather(
        *(asyncio.to_thread(work) for _ in range(threads)), return_exceptions=True
    )
    for failure in ended:
        if failure is not None:
            raise failure
    return [results[number] for number in range(len(mails))]
