"""What whoever keeps files asks of a disk: to hold them, and what to do when it does not."""

import errno
import os
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


def sync(path: Path) -> None:
    """A file's octets, or what was created in a folder or renamed into it, are on the disk.

    Blocks. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
