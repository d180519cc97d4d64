"""When a file in a scan folder may be read: it stands still, and it is whole.

A copier writes over a slow share for minutes, with pauses; a growing file is never touched. One
that stands still and can't be read may still be finished by its writer: it waits, and is judged as
it is when it has stood still for the whole of `StabilityLimits.broken`. A TIFF is whole after each
of its pages: the pause between two of them must be longer.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download")
_NO_SCAN = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
_PAGE_BY_PAGE = (".tif", ".tiff")
_SLOWER = 3  # times as long: a sheet laid on the glass by hand


@dataclass(frozen=True, slots=True)
class StabilityLimits:
    """How long a file must stand still before it is opened, and before it is called broken."""

    still: timedelta = timedelta(seconds=3)
    broken: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What changes when somebody writes to a file; times in nanoseconds of the file's server.

    No inode: a share without `serverino` makes up another one at each look, and `changed` can't be
    set by anybody, so that a file that took another's place has its own.
    """

    size: int
    modified: int
    changed: int


Settled = Literal["wait", "if_whole", "anyway"]


def may_read(name: str, still_for: timedelta, patience: StabilityLimits) -> Settled:
    """Whether to wait, to read the file if it is whole, or to judge it as it is."""
    if still_for >= patience.broken:
        return "anyway"
    lower = name.lower()
    still = patience.still * (_SLOWER if lower.endswith(_PAGE_BY_PAGE) else 1)
    if still_for < still or lower.endswith(_UNFINISHED):
        return "wait"
    return "if_whole"


def is_noise(name: str) -> bool:
    """Whether this is a file system's or an office program's own file, never a scan."""
    return name.startswith(("~$", "._")) or name.lower() in _NO_SCAN
