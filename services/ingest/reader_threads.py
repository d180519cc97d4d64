"""Mails of a batch read by two threads, each of which waits for a child process of its own.

While a child reads one mail the other thread judges another: both cores work. A mail that takes
long holds one thread, and the other goes on with all that is left.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")
THREADS: Final = 2


async def read_parallel(read: Callable[[_T], _R], mails: Sequence[_T]) -> list[_R]:
    """Calls `read` on each of some mails, in two threads; returns the results in the mails' order.

    Raises what `read` raises first: what was not begun by then is not read, and what was in work is
    waited for.
    """
    results = dict[int, _R]()
    left, turn, failed = iter(enumerate(mails)), threading.Lock(), threading.Event()

    def work() -> None:
        try:
            for number, mail in _shared(left, turn):
                if failed.is_set():
                    return
                results[number] = read(mail)
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


def _shared(left: Iterator[_T], turn: threading.Lock) -> Iterator[_T]:
    """What is left, of which several threads take one after the other."""
    while True:
        with turn:
            try:
                following = next(left)
            except StopIteration:
                return
        yield following
