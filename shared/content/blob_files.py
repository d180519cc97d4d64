"""The files of a blob store by name, for those who look after all of them at once.

What reads or writes one blob uses `Blobs` (shared/content/blobs.py); an inventory needs the names
of all.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from shared.errors import TemporaryFailure
from shared.platform import disk_space

_PAGE = 1_000


class BlobFile(NamedTuple):
    """A file of a blob store, as it lies there: a blob, or what a killed write left."""

    name: str
    """Below the store: of a blob its key."""
    size: int
    """Octets as stored: of an encrypted one some more than its content has."""
    written: float
    """Seconds since 1970."""


class BlobFiles(Protocol):
    """The interface by which all files of a blob store are counted, and some of them removed."""

    def files(self) -> AsyncIterator[BlobFile]:
        """Yields all files, in no order; raises TemporaryFailure."""
        ...

    async def find_missing(self, keys: Iterable[str]) -> list[str]:
        """Returns those of these keys of which no file is there; raises TemporaryFailure."""
        ...

    async def remove(self, names: Iterable[str]) -> int:
        """Removes files by name, those that are gone too; returns the count of names.

        Raises TemporaryFailure.
        """
        ...


class FolderFiles:
    """The files of a blob store in a folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def files(self) -> AsyncIterator[BlobFile]:
        """Yields all files below the folder, hidden ones too; raises TemporaryFailure."""
        walk = self._walk()
        while page := await asyncio.to_thread(lambda: list(islice(walk, _PAGE))):
            for file in page:
                yield file

    async def find_missing(self, keys: Iterable[str]) -> list[str]:
        """Returns those of these keys of which no file is in the folder."""
        return await asyncio.to_thread(self._missing, list(keys))

    async def remove(self, names: Iterable[str]) -> int:
        """Removes files by name, and folders that are empty then; returns the count of names.

        Raises TemporaryFailure: the disk can't be written now.
        """
        return await asyncio.to_thread(self._remove, list(names))

    def _walk(self) -> Iterator[BlobFile]:
        try:
            for above, _, names in os.walk(self._folder, onerror=_raise):
                for name in names:
                    path = Path(above) / name
                    with suppress(FileNotFoundError):  # erased meanwhile
                        stat = path.stat(follow_symlinks=False)
                        below = str(path.relative_to(self._folder))
                        yield BlobFile(below, stat.st_size, stat.st_mtime)
        except OSError as error:
            raise TemporaryFailure(f"{self._folder}: {disk_space.advice(error)}.") from error

    def _missing(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if not (self._folder / key).is_file()]

    def _remove(self, names: Iterable[str]) -> int:
        removed = 0
        try:
            for path in map(Path, names):
                (self._folder / path).unlink(missing_ok=True)
                removed += 1
                for above in list((self._folder / path).parents)[: len(path.parts) - 1]:
                    with suppress(OSError):  # others are in it
                        above.rmdir()
        except OSError as error:
            raise TemporaryFailure(f"{self._folder}: {disk_space.advice(error)}.") from error
        return removed


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
