"""The files of a spool on the disk: flushed, and encrypted where the writer has a key.

Who writes into a spool needs the public half of a key alone (the portal), who takes in what lies
there the keyring. What lies in clear from before is read as it is.
"""

import errno
import os
import shutil
import stat
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from shared.content.encryption import BadEncryption, WritingKey, key_id
from shared.content.keyring import Keyring
from shared.platform import disk_space

PART: Final = ".part"
"""Ends the name of what is still being written."""
_THERE: Final = {errno.EEXIST, errno.ENOTEMPTY}


def write(path: Path, content: bytes, key: WritingKey | None) -> None:
    """Writes a new file, encrypted if there is a key; returns once it is on the disk.

    Raises OSError.
    """
    with path.open("xb") as file:
        file.writelines([content] if key is None else key.encrypt_parts(BytesIO(content)))
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, keyring: Keyring, most: int) -> bytes:
    """Reads at most `most` octets of a spool file that our own programs wrote, decrypted.

    What is altered or cut reads as empty. Raises KeyMissing: it is encrypted, and its key is
    not here; KeyDestroyed: its key was destroyed; OSError: it can't be read.
    """
    found = bytearray()
    with path.open("rb") as file:
        try:
            for part in keyring.parts(file, str(path)):
                found += part
                if len(found) > most:
                    break
        except BadEncryption:
            return b""
    return bytes(found[:most])


def place(temporary: Path, final: Path) -> None:
    """Gives a whole folder its final name; whoever was first keeps it. Raises OSError."""
    try:
        temporary.rename(final)
    except OSError as error:
        if error.errno not in _THERE:
            raise
        # The same deposit, at the same moment, by somebody else: it is whole, as all are.
        shutil.rmtree(temporary, ignore_errors=True)


def files_needing(spool: Path, key: str) -> list[Path]:
    """Lists the files below a spool that the key of this id opens, hidden folders among them.

    Those are sheets of the survey, what was refused, and what is still being written. Blocks the
    calling thread. Raises OSError: the spool can't be read.
    """
    found = []
    for path in disk_space.files_below(spool):
        with suppress(FileNotFoundError):  # taken in meanwhile
            if stat.S_ISREG(path.lstat().st_mode) and key_id(path) == key:
                found.append(path)
    return sorted(found)


def folder_mode(spool: Path) -> int:
    """Returns the mode of a new folder in the spool: 0700, or 0770 where its group may write.

    The group may where the spool has mode 2770, as the portal has a system account of its own. The
    process's umask must be 007, else it takes the group's right away.
    """
    return 0o770 if spool.stat().st_mode & stat.S_IWGRP else 0o700
