"""What whoever keeps files asks of a disk: to hold them, and what to do when it does not.

Below a floor of free space nothing new is taken in: what was accepted must be kept, and PostgreSQL
may share the disk.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_ADVICE: Final = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is reached: raise it",
    errno.EROFS: "the disk is mounted read-only: check it and mount it again",
    errno.EACCES: "access is denied: give this user the folder",
    errno.EPERM: "access is denied: give this user the folder",
}


def advice(error: OSError) -> str:
    """Returns a short text that says what is wrong with a disk and what to do.

    Without capital or full stop.
    """
    return _ADVICE.get(error.errno or 0, "the disk answers with an error: check it")


_NO_SYNC_OF_FOLDERS: Final = frozenset(
    {errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
)
"""What shares (SMB, FUSE) answer whose folders know no such thing: their server orders its own."""

MEGA: Final = 1_000_000


def free(folder: Path) -> int:
    """Returns the free octets of the disk that holds a folder.

    Blocks the calling thread. Raises OSError.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def why_full(folder: Path, floor: int) -> str | None:
    """Returns why nothing more may be written to a folder's disk; `None` when there is room.

    Less than `floor` megabytes are free, or the disk can't be asked. Blocks the calling thread.
    """
    try:
        left = free(folder)
    except OSError as error:
        return f"{folder}: {advice(error)}."
    if left >= floor * MEGA:
        return None
    return (
        f"{folder}: the disk has {left // MEGA} MB left, and below {floor} MB"
        " (VAGUEMESTRE_FREE_FLOOR) nothing new is taken in: free some space."
    )


def sync(path: Path) -> None:
    """Flushes a file or a folder to the disk (fsync).

    A folder on a file system without fsync for folders is left as it is. Blocks the calling thread.
    Raises OSError.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if not folder or error.errno not in _NO_SYNC_OF_FOLDERS:
            raise
    finally:
        os.close(descriptor)


def files_below(folder: Path) -> Iterator[Path]:
    """Yields the path of all below a folder that is no folder; what vanishes is passed over.

    Raises OSError: a folder can't be read.
    """

    def unless_gone(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for above, _, names in os.walk(folder, onerror=unless_gone):
        yield from (Path(above) / name for name in names)
