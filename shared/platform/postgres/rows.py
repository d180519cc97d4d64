"""Rows that can't be read: each costs itself, and nobody can overlook it.

What another version, a hand or a disk left in a row may be no word of this program. Whoever reads
several rows leaves such a row out (`readable`); whoever needs this one row is refused (`read`).
Either way the log names table and key once, and check `rows` of /health, which `status` and the
metrics repeat, names them as long as somebody meets them. Whoever shows what was read asks
`leaving_out` what is missing there, and says so. Never what stands in the row.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from shared.errors import PermanentFailure
from shared.platform.failures import reason_of
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.observability.logs import Log

CHECK: Final = "rows"
"""Name of the health check of a process's rows, whatever services share it."""
REMEMBERED: Final = 26 * 3600.0
"""Seconds after which a row that nobody met again is no longer said: each night meets them all."""
SAID: Final = 3
"""Rows that a sentence names; of the others it gives the number."""

UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What comes of other words, another shape, or one nested past all sense."""

R = TypeVar("R")
T = TypeVar("T")

log = Log("rows")

_met: dict[tuple[str, str], float] = {}
_LEFT: ContextVar[list["UnreadableRow"] | None] = ContextVar("rows left out", default=None)


class UnreadableRow(PermanentFailure):
    """Raised for a database row that this program can't read."""

    def __init__(self, table: str, key: object, why: str) -> None:
        self.table, self.key, self.why = table, str(key), why
        super().__init__(f"Row {key} of {table} can't be read ({why}).")


def read(table: str, key: object, reader: Callable[[], T]) -> T:
    """Parses one database row by `reader`, which raises one of UNREADABLE when it can't.

    Raises:
        UnreadableRow: the row can't be parsed; it is logged and shown by the health check.
    """
    try:
        found = reader()
    except UNREADABLE as error:
        unreadable = UnreadableRow(table, key, reason_of(error))
        if (table, str(key)) not in _met:
            log.error(  # noqa: TRY400  (no trace: it would show values)
                "row_unreadable", table=table, key=str(key), why=unreadable.why
            )
        _met[table, str(key)] = time.monotonic()
        raise unreadable from error
    if _met:
        _met.pop((table, str(key)), None)
    return found


def readable(
    table: str, rows: Iterable[R], key: Callable[[R], object], reader: Callable[[R], T]
) -> list[T]:
    """Parses database rows and returns them; those that can't be parsed are left out and logged."""
    found = list[T]()
    for row in rows:
        try:
            found.append(read(table, key(row), lambda: reader(row)))  # noqa: B023  (called at once)
        except UnreadableRow as unreadable:
            leave_out([unreadable])
    return found


def leave_out(unreadable: Iterable[UnreadableRow]) -> None:
    """Records that these unreadable database rows are missing from what is shown.

    For the block of `leaving_out`; does nothing outside one.
    """
    left = _LEFT.get()
    if left is None:
        return
    for row in unreadable:
        if (row.table, row.key) not in {(unreadable.table, unreadable.key) for unreadable in left}:
            left.append(row)


@contextmanager
def leaving_out() -> Iterator[Sequence[UnreadableRow]]:
    """A context manager that collects the unreadable database rows left out inside it."""
    left = list[UnreadableRow]()
    token = _LEFT.set(left)
    try:
        yield left
    finally:
        _LEFT.reset(token)


def left_out() -> Sequence[UnreadableRow]:
    """Returns the unreadable database rows left out so far inside the block of `leaving_out`."""
    return tuple(_LEFT.get() or ())


async def state() -> State:
    """Returns the health of database rows: unwell once one that can't be parsed was met."""
    now = time.monotonic()
    for row, met in list(_met.items()):
        if now - met > REMEMBERED:
            del _met[row]
    if not _met:
        return Well()
    named = [f"{key} of {table}" for table, key in sorted(_met)]
    more = len(named) - SAID
    others = f" and {more} more" if more > 0 else ""
    return Unwell(f"Rows can't be read: {', '.join(named[:SAID])}{others}.")


def forget() -> None:
    """Clears the list of unreadable database rows that the health check reports."""
    _met.clear()
