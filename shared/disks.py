"""What whoever keeps files asks of a disk: to hold them, and what to do when it does not."""

import errno
import os
import stat
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
    """What is wrong and what to do; no path, no capital, no full stop."""
    return _ADVICE.get(error.errno or 0, "the disk answers with an error: check it")


_NO_SYNC_OF_FOLDERS: Final = frozenset(
    {errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
)
"""What shares (SMB, FUSE) answer whose folders know no such thing: their server orders its own."""


def sync(path: Path) -> None:
    """A file's octets, or what was created in a folder or renamed into it, are on the disk.

    A folder on a file system that syncs no folders is as sure as it can be. Blocks. Raises OSError.
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
