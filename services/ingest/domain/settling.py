"""When a file in a scan folder may be read: it stands still, and it is whole.

A copier writes over a slow share for minutes, with pauses; a growing file is never touched. One
that stands still and is not whole may still be finished by its writer: it waits, and is quarantined
when it has stood still for the whole of `Patience.broken`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download")
_NO_SCAN = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a file must stand still before it is opened, and before it is called broken."""

    still: timedelta = timedelta(seconds=3)
    broken: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when somebody writes to a file; times in nanoseconds of the file's server.

    No inode: a share without `serverino` makes up another one at each look, and `changed` can't be
    set by anybody, so that a file that took another's place has its own.
    """

    size: int
    modified: int
    changed: int


Settled = Literal["wait", "if_whole", "anyway"]


def may_read(name: str, still_for: timedelta, patience: Patience) -> Settled:
    """Whether to wait, to read the file if it is whole, or to judge it as it is."""
    if still_for >= patience.broken:
        return "anyway"
    if still_for < patience.still or name.lower().endswith(_UNFINISHED):
        return "wait"
    return "if_whole"


def is_noise(name: str) -> bool:
    """Whether this is a file system's or an office program's own file, never a scan."""
    return name.startswith((".", "~$")) or name.lower() in _NO_SCAN
