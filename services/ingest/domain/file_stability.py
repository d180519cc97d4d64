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
    """The time without change before a scanned file is opened, and before it counts as broken."""

    still: timedelta = timedelta(seconds=3)
    broken: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """The size and times (nanoseconds) of a file, which change when somebody writes to it.

    The inode is left out: a share without `serverino` invents another one at each look. `changed`
    can't be set by anybody, so that a file that replaces another one has another stamp.
    """

    size: int
    modified: int
    changed: int


FileReadiness = Literal["wait", "if_whole", "anyway"]


def may_read(name: str, still_for: timedelta, patience: StabilityLimits) -> FileReadiness:
    """Decides whether to wait for a scanned file, read it if whole, or judge it as it is."""
    if still_for >= patience.broken:
        return "anyway"
    lower = name.lower()
    still = patience.still * (_SLOWER if lower.endswith(_PAGE_BY_PAGE) else 1)
    if still_for < still or lower.endswith(_UNFINISHED):
        return "wait"
    return "if_whole"


def is_noise(name: str) -> bool:
    """Whether a file in a scan folder is a temporary or system file, never a scan."""
    return name.startswith(("~$", "._")) or name.lower() in _NO_SCAN
