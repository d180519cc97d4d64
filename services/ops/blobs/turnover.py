"""Originals that lie in clear are encrypted, and files of one key put under another.

A file is written beside, flushed, and takes the other's place: who is killed leaves the one or the
other, both of which are read, and a remainder that `blobs check` names. What runs beside reads and
writes as always.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.content.at_rest import blob_paths, needed_key, remainders
from shared.content.blobs import LeaveAsItIs, replace_files
from shared.content.encryption import BadEncryption, WritingKey, read_header, rewrap
from shared.content.keyring import Keyring, raw_holds
from shared.errors import Refused, TemporaryFailure
from shared.platform import disk_space

_BATCH: Final = 64
"""Files that the disk flushes together."""
_SAID_EACH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Turnover:
    """The result of encrypting the files of a blob store: how many, and what was left."""

    key: str
    """The id of the key that writes."""
    encrypted: int = 0
    rewrapped: int = 0
    """Files of another key that are under this one now; their content was not written anew."""
    before: int = 0
    """Files that were encrypted before, and stay as they were."""
    damaged: Sequence[str] = ()
    """Keys of blobs in clear whose octets no longer have the hash of their name, or whose header
    was altered; encrypted content is not looked at here, but by the night."""
    remains: Sequence[str] = ()
    """Files in clear that killed writes left, which no row names: nothing takes their place."""

    def together(self, other: "Turnover") -> "Turnover":
        """Returns the sums of two runs by the same key, such as over a folder and a bucket."""
        return Turnover(
            self.key,
            self.encrypted + other.encrypted,
            self.rewrapped + other.rewrapped,
            self.before + other.before,
            [*self.damaged, *other.damaged],
            [*self.remains, *other.remains],
        )


def encrypt(
    folder: Path, keyring: Keyring, progress: Callable[[int], None], *, rewrap: bool = False
) -> Turnover:
    """Encrypts all files of a blob store that lie in clear; blocks the calling thread.

    Args:
        folder: the blob store's.
        keyring: its current key encrypts.
        progress: called with the number of files looked at, now and then.
        rewrap: whether files of the keyring's other keys get a header of the current one as well.

    Raises:
        Refused: no key of the keyring writes, or the folder is another account's.
        TemporaryFailure: the disk is full or away; what was done stays.
    """
    if keyring.current is None:
        raise Refused(
            "No key of VAGUEMESTRE_KEYRING writes: say which by `vaguemestre keys use` first."
        )
    work = _Work(folder, keyring, keyring.current, rewrap=rewrap)
    seen = 0
    try:
        if folder.stat().st_uid != os.geteuid():
            raise Refused(
                f"{folder} is another account's, which could not read what this one writes: run"
                " this as its owner (`vaguemestre-as`)."
            )
        for paths in _batches(blob_paths(folder), _BATCH):
            work.turn(paths)
            seen += len(paths)
            if seen % _SAID_EACH < _BATCH:
                progress(seen)
        left = sorted(str(path.relative_to(folder)) for path in remainders(folder))
    except OSError as error:
        raise TemporaryFailure(f"{folder}: {disk_space.advice(error)}.") from error
    damaged = sorted(work.damaged)
    return Turnover(keyring.current.id, work.encrypted, work.rewrapped, work.before, damaged, left)


class _Work:
    """One run over a blob store."""

    def __init__(self, folder: Path, keyring: Keyring, key: WritingKey, *, rewrap: bool) -> None:
        self._folder = folder
        self._keyring = keyring
        self._key = key
        self._rewrap = rewrap
        self._others = keyring.ids - {key.id}
        self.encrypted = self.rewrapped = self.before = 0
        self.damaged: list[str] = []

    def turn(self, paths: Sequence[Path]) -> None:
        """Replaces those of these files that need it."""
        clear: dict[Path, Iterator[bytes]] = {}
        others: dict[Path, Iterator[bytes]] = {}
        for path in paths:
            with suppress(FileNotFoundError):  # erased meanwhile
                needed = needed_key(path, self._keyring)
                if needed is None and not raw_holds(path, path.name):
                    self.damaged.append(str(path.relative_to(self._folder)))
                elif needed is None:
                    clear[path] = self._in_cipher(path)
                elif self._rewrap and needed in self._others:
                    others[path] = self._under_the_key(path)
                else:
                    self.before += 1
        self.encrypted += replace_files(clear)
        self.rewrapped += replace_files(others)

    def _in_cipher(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from self._key.encrypt_parts(file)
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != path.name:
                raise LeaveAsItIs  # another run was faster, and this would encrypt it twice

    def _under_the_key(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            header = read_header(file)
            if header is None:
                raise LeaveAsItIs
            old = self._keyring.key_of(header, str(path))
            try:
                yield from rewrap(file, header, old, self._key)
            except BadEncryption:
                self.damaged.append(str(path.relative_to(self._folder)))
                raise LeaveAsItIs from None


def _batches(paths: Iterator[Path], size: int) -> Iterator[Sequence[Path]]:
    batch = list[Path]()
    for path in paths:
        batch.append(path)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch
