"""A thread of one's own for calls that block, which never keeps a process from ending.

The interpreter waits for the threads of `asyncio.to_thread`, and a server that went silent in the
middle of an answer would hold it for a minute; a daemon thread is simply left behind.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class WorkerThread:
    """A thread for blocking calls, which runs them one after the other, in the order asked."""

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def run(self, call: Callable[..., T], *arguments: Any) -> "asyncio.Future[T]":
        """Runs `call(*arguments)` in the thread; returns a future of its result."""
        future: Future[T] = Future()
        self._calls.put((future, lambda: call(*arguments)))
        result = asyncio.wrap_future(future)
        result.add_done_callback(_look)
        return result

    def end(self) -> None:
        """Ends the thread after the calls that were requested before."""
        self._calls.put(None)

    def _work(self) -> None:
        while (asked := self._calls.get()) is not None:
            future, call = asked
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001  (it is raised where it is awaited)
                future.set_exception(error)
            else:
                future.set_result(result)


def _look(result: "asyncio.Future[Any]") -> None:
    """The failure of a call that nobody waits for any more concerns nobody."""
    if not result.cancelled():
        result.exception()
