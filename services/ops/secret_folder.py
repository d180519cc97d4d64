"""The folder of secrets, with a folder for each process: files written together.

All are written beside their places before the first is renamed: a crash before leaves what was
there.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from shared.platform import disk_space


def place(files: Mapping[Path, str], like: Path) -> None:
    """Writes files of one line, of the owner and mode of `like`; renames them in their order.

    Each rename is on the disk before the next.

    Raises OSError.
    """
    owner = like.stat()
    temporary = {path: path.with_name(f".{path.name}.new") for path in files}
    for path, text in files.items():
        temporary[path].unlink(missing_ok=True)
        descriptor = os.open(temporary[path], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        temporary[path].chmod(owner.st_mode & 0o777)
        os.chown(temporary[path], owner.st_uid, owner.st_gid)
    for path in files:
        temporary[path].rename(path)
        disk_space.sync(path.parent)  # whoever reads has it before whoever writes comes
