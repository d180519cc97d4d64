"""How the files of a blob store lie on the disk: in clear, or encrypted, and with which keys."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from shared.content.blobs import KEY
from shared.content.encryption import BadEncryption, key_id, read_header
from shared.content.keyring import Keyring, raw_holds
from shared.errors import TemporaryFailure
from shared.platform import disk_space

_REMAINDER: Final = re.compile(r"\d{4}/[0-9a-f-]{36}/\.[0-9a-f]{32}\.part")
"""The file of a write that has not ended: for ever, where it was killed."""


@dataclass(frozen=True, slots=True)
class FilesAtRest:
    """The counts of files in a blob store: how many are in clear, how many need which key."""

    clear: int = 0
    keys: Mapping[str, int] = field(default_factory=dict)
    """By the key's id."""
    remains: int = 0
    """Files in clear that killed writes left; `blobs check --remove` removes them."""

    @property
    def in_clear(self) -> int:
        """The number of files in which something can be read without a key."""
        return self.clear + self.remains

    def together(self, other: "FilesAtRest") -> "FilesAtRest":
        """Returns the sums of two blob stores, such as a folder and a bucket."""
        keys = Counter(self.keys) + Counter(other.keys)
        return FilesAtRest(self.clear + other.clear, keys, self.remains + other.remains)

    def sentence(self, keyring: Keyring) -> str:
        """Formats the counts in one English line, with the key that encrypts new files."""
        writes = "no key writes" if keyring.current is None else f"key {keyring.current.id}"
        others = ", ".join(
            f"{files} under {key}"
            for key, files in sorted(self.keys.items())
            if keyring.current is None or key != keyring.current.id
        )
        more = f", {others}" if others else ""
        killed = (
            f" ({self.remains} left by killed writes: `vaguemestre blobs check --remove`)"
            if self.remains
            else ""
        )
        return f"encrypted at rest: {writes}, {self.in_clear} files still in clear{killed}{more}"


def blob_paths(folder: Path) -> Iterator[Path]:
    """Yields the path of each blob below the folder of a blob store.

    Blocks the calling thread. Raises TemporaryFailure: the disk can't be read now.
    """
    return (path for path in _files_below(folder) if KEY.fullmatch(_name(path, folder)))


def remainders(folder: Path) -> Iterator[Path]:
    """Yields the path of each file in clear that a killed write left below a blob store's folder.

    One that is being written in clear is among them. Blocks the calling thread. Raises
    TemporaryFailure: the disk can't be read now.
    """
    return (path for path in _files_below(folder) if _is_remainder(path, folder))


def needed_key(path: Path, keyring: Keyring) -> str | None:
    """Returns the id of the key that a blob needs; `None`: in clear, or its header is damaged.

    A file that names a key which does not open it, and has as it lies there the hash of its
    name, is in clear: a stranger made it so. Raises OSError.
    """
    with path.open("rb") as file:
        try:
            header = read_header(file)
        except BadEncryption:
            return None
    if header is None:
        return None
    if keyring.opens(header):
        return header.key_id
    return None if raw_holds(path, path.name) else header.key_id


def files_at_rest(folder: Path, keyring: Keyring) -> FilesAtRest:
    """Counts the files of a blob store by the key that each needs; blocks the calling thread.

    Raises TemporaryFailure: the disk can't be read now.
    """
    clear, remains, keys = 0, 0, Counter[str]()
    for path in _files_below(folder):
        if not KEY.fullmatch(_name(path, folder)):
            remains += _is_remainder(path, folder)
            continue
        try:
            needed = needed_key(path, keyring)
        except FileNotFoundError:  # erased meanwhile
            continue
        except OSError as error:
            raise TemporaryFailure(f"{path}: {disk_space.advice(error)}.") from error
        if needed is None:
            clear += 1
        else:
            keys[needed] += 1
    return FilesAtRest(clear, keys, remains)


def _files_below(folder: Path) -> Iterator[Path]:
    try:
        yield from disk_space.files_below(folder)
    except OSError as error:
        raise TemporaryFailure(f"{folder}: {disk_space.advice(error)}.") from error


def _name(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder))


def _is_remainder(path: Path, folder: Path) -> bool:
    """Whether a killed write left it, and something of it can be read."""
    try:
        return (
            _REMAINDER.fullmatch(_name(path, folder)) is not None
            and path.stat().st_size > 0
            and key_id(path) is None
        )
    except FileNotFoundError:  # it has taken its place meanwhile
        return False
    except OSError as error:
        raise TemporaryFailure(f"{path}: {disk_space.advice(error)}.") from error
