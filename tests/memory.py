"""Memory as a disk for what tests throw away."""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 (folders of our own are made in it)
_ROOM = 1_000_000_000


def in_memory() -> Path | None:
    """Memory as a disk, where it has room: each test makes and drops a database of a thousand
    files, and a disk's own bookkeeping of them is most of what such a test costs.
    """
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return None
    return _MEMORY if shutil.disk_usage(_MEMORY).free > _ROOM else None
