"""Sees whoever touches a file, a network or a child while holding a connection of a pool.

Python itself tells what is opened (audit events); a context variable, which follows a coroutine
into its threads, tells whether a connection of a pool is in its hands.
"""

import asyncio
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final
from unittest.mock import patch

from asyncpg.pool import Pool

PROJECT = Path(__file__).resolve().parent.parent
FILES = frozenset({"open", "os.rename", "os.mkdir", "os.listdir", "os.scandir", "shutil.rmtree"})
ELSEWHERE = frozenset({"socket.connect", "socket.getaddrinfo", "subprocess.Popen"})
_TEMPORARY = os.path.realpath(tempfile.gettempdir())


@dataclass
class _Hold:
    """One connection in somebody's hands."""

    open: bool = True


@dataclass
class Watch:
    """What was seen: each an event, and the functions of ours that led there, innermost last."""

    seen: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def within(self, module: str, *, but: Sequence[str]) -> Sequence[tuple[str, tuple[str, ...]]]:
        """What was seen in modules that begin so, outside these functions (`module:function`)."""
        return sorted(
            {
                (event, led[-4:])
                for event, led in self.seen
                if any(name.startswith(module) for name in led) and not set(but) & set(led)
            }
        )


_HELD: ContextVar[tuple[_Hold, ...]] = ContextVar("held", default=())
_LED: ContextVar[tuple[str, ...]] = ContextVar("led", default=())
_WATCHED: Final = ((Pool, "_acquire"), (Pool, "release"), (asyncio, "to_thread"))
_WATCHES: list[Watch] = []
_HOOKED: list[bool] = []


@contextmanager
def watched() -> Iterator[Watch]:
    """Watches until the end of the block; one at a time."""
    watch = Watch()
    if not _HOOKED:
        sys.addaudithook(_look)
        _HOOKED.append(True)
    acquire, release, to_thread = (getattr(*owner_and_name) for owner_and_name in _WATCHED)
    holds: dict[int, _Hold] = {}

    async def acquired(*args: Any) -> Any:
        connection = await acquire(*args)
        holds[id(connection)] = hold = _Hold()
        _HELD.set((*(hold for hold in _HELD.get() if hold.open), hold))
        return connection

    async def released(pool: Any, connection: Any, **more: Any) -> None:
        if (hold := holds.pop(id(connection), None)) is not None:
            hold.open = False
        await release(pool, connection, **more)

    async def led(call: Callable[..., Any], /, *args: Any, **more: Any) -> Any:
        _LED.set(_functions(inspect.currentframe()))
        return await to_thread(call, *args, **more)

    with ExitStack() as stack:
        for (owner, name), instead in zip(_WATCHED, (acquired, released, led), strict=True):
            stack.enter_context(patch.object(owner, name, instead))
        _WATCHES.append(watch)
        stack.callback(_WATCHES.remove, watch)
        yield watch


def _look(event: str, args: tuple[Any, ...]) -> None:
    if not _WATCHES or not (event in FILES or event in ELSEWHERE):
        return
    if not any(hold.open for hold in _HELD.get()):
        return
    if event in FILES:
        where = args[0]
        if not isinstance(where, str | bytes | os.PathLike):
            return
        path = os.fsdecode(where)
        # What a test gives a page to keep; a project that lies in such a folder itself is code.
        if not path.startswith(_TEMPORARY) or path.startswith(f"{PROJECT}/"):
            return
    here = inspect.currentframe()
    if _is_another_s(here):
        return
    _WATCHES[-1].seen.append((event, (*_LED.get(), *_functions(here))))


def _is_another_s(frame: FrameType | None) -> bool:
    """Whether a test does it from within what it watches, or asyncpg, which cancels so."""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(f"{PROJECT}/s"):
            return False
        if "/asyncpg/" in path or (path.startswith(f"{PROJECT}/tests/") and path != __file__):
            return True
        frame = frame.f_back
    return False


def _functions(frame: FrameType | None) -> tuple[str, ...]:
    found = []
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(f"{PROJECT}/s"):  # services, shared
            module = path[len(str(PROJECT)) + 1 : -3].replace("/", ".")
            found.append(f"{module}:{frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))
