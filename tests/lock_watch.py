"""Sees whoever locks an item once it has the chain of quality: the chain comes last, everywhere.

Whatever concerns items and states a fact of quality as well (a mass reply, a perimeter, a
bordereau) locks its items first. tests/lock_order.py has the paths of items meet one another; this
watches every path that a test takes.
"""

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from services.desk.store import items, quality


@dataclass
class LockWatch:
    """What was locked in the transaction of each connection, and who came in the wrong order."""

    wrong: list[tuple[str, ...]] = field(default_factory=list)
    _locked: dict[int, tuple[object, set[object]]] = field(default_factory=dict)
    _chained: dict[int, object] = field(default_factory=dict)

    def locks(self, connection: Any, item_ids: Sequence[object]) -> None:
        key, transaction_ = _transaction_of(connection)
        before, locked = self._locked.get(key, (None, set()))
        if before is not transaction_:
            locked = set()
        if self._chained.get(key) is transaction_ and not set(item_ids) <= locked:
            self.wrong.append(_of_ours())
        self._locked[key] = transaction_, locked | set(item_ids)

    def chains(self, connection: Any) -> None:
        key, transaction_ = _transaction_of(connection)
        self._chained[key] = transaction_


@contextmanager
def watched_locks() -> Iterator[LockWatch]:
    """Watches until the end of the block."""
    watch, lock_rows, alone = LockWatch(), items.lock_rows, quality.lock_chain

    async def locking(connection: Any, item_ids: Any) -> Any:
        watch.locks(connection, item_ids)
        return await lock_rows(connection, item_ids)

    async def chaining(connection: Any) -> None:
        await alone(connection)
        watch.chains(connection)

    with patch.object(items, "lock_rows", locking), patch.object(quality, "lock_chain", chaining):
        yield watch


def _transaction_of(connection: Any) -> tuple[int, object]:
    """The connection itself, behind what its pool gives out, and the transaction that it is in."""
    real = getattr(connection, "_con", connection)
    return id(real), real._top_xact  # noqa: SLF001  (asyncpg says it nowhere else)


def _of_ours() -> tuple[str, ...]:
    """The functions of ours that led here, innermost last."""
    led = [frame for frame in traceback.extract_stack() if "/services/" in frame.filename]
    return tuple(f"{frame.filename.rpartition('/services/')[2]}:{frame.name}" for frame in led[-4:])
