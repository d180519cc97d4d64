"""Blobs: originals and plis, by claim check.

A blob's name is `<year>/<arrival id>/<sha256>`: the hash proves its octets, the arrival owns it,
and destroying an arrival removes one folder. Nothing is shared between two arrivals.

With a keyring a file is encrypted (shared/content/encryption.py); its name stays the hash of what
was stored, and what lies in clear from before is read as it is.
"""

import asyncio
import errno
import hashlib
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID, uuid4

from shared.content.keyring import IN_CLEAR, KeyDestroyed, KeyMissing, Keyring
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import BlobKey
from shared.platform import disk_space

KEY = re.compile(r"\d{4}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{64}")

_FLUSHES = 16
"""A disk flushes so many files in hardly more time than one."""
_FLUSHING = ThreadPoolExecutor(_FLUSHES, "flush")
"""Kept: to start these threads for each batch takes longer than the flushing."""
_DESTROYED_IN = 100
"""Looks at a folder that something beside keeps changing; each ends with fewer files."""


_T = TypeVar("_T")


class DamagedBlob(PermanentFailure):
    """Raised when a stored blob is damaged: its octets no longer have the SHA-256 in its key."""


class NoSuchBlob(PermanentFailure):
    """Raised when a store has no blob of this key: it was destroyed, lost, or lies elsewhere."""


class LeaveAsItIs(Exception):  # noqa: N818  (no failure: a file that changed meanwhile)
    """Raised by an iterator of a file's new octets: `replace_files` then keeps the old ones."""


class Blob(NamedTuple):
    """Octets to store in the blob store, with the arrival that owns them."""

    year: int
    """Of the arrival's local day of receipt."""
    arrival_id: UUID
    content: bytes


class Blobs(Protocol):
    """The interface of a blob store, whose octets are written once and never changed."""

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        """Stores octets as a blob; returns its key once they are on the disk.

        Doing so twice changes nothing. Raises TemporaryFailure: the store can't take them
        now; the sentence says what to do.
        """
        ...

    async def put_many(self, blobs: Sequence[Blob]) -> list[BlobKey]:
        """Stores several blobs at once, which is faster; returns their keys in the same order."""
        ...

    async def get(self, key: BlobKey) -> bytes:
        """Reads a blob's octets and verifies their SHA-256.

        Raises DamagedBlob when its octets are not those that were stored, PermanentFailure when
        there is no such blob or its key was destroyed, TemporaryFailure when the store can't be
        read now or the key is missing here.
        """
        ...

    async def get_many(self, keys: Iterable[BlobKey]) -> dict[BlobKey, bytes | Exception]:
        """Reads several blobs, which is faster; each once, with what `get` would raise of it alone.

        Raises TemporaryFailure when one can't be read now.
        """
        ...

    async def destroy(self, year: int, arrival_id: UUID) -> None:
        """Deletes all blobs of an arrival; does nothing when they are gone already."""
        ...


class LocalBlobs:
    """A blob store in a folder of this machine, or one mounted on it."""

    def __init__(self, folder: Path, keyring: Keyring = IN_CLEAR) -> None:
        self._folder = folder
        self._keyring = keyring

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        """Stores octets as a file of the folder; returns the key once they are on the disk."""
        (key,) = await self.put_many([Blob(year, arrival_id, content)])
        return key

    async def put_many(self, blobs: Sequence[Blob]) -> list[BlobKey]:
        """Stores several blobs: writes, flushes and renames all files; returns keys in order."""
        return await asyncio.to_thread(self._put_many, blobs)

    async def get(self, key: BlobKey) -> bytes:
        """Reads a blob's octets from the folder and verifies their SHA-256.

        Raises DamagedBlob, PermanentFailure and TemporaryFailure as `Blobs.get` does.
        """
        return await asyncio.to_thread(self._get, key)

    async def get_many(self, keys: Iterable[BlobKey]) -> dict[BlobKey, bytes | Exception]:
        """Reads several blobs one after the other: a slow disk holds one thread.

        Raises TemporaryFailure when one can't be read now.
        """
        return await asyncio.to_thread(self._get_many, set(keys))

    async def destroy(self, year: int, arrival_id: UUID) -> None:
        """Deletes all files of an arrival from the folder."""
        await asyncio.to_thread(self._destroy, year, arrival_id)

    def _put_many(self, blobs: Sequence[Blob]) -> list[BlobKey]:
        keys = [key_of(*blob) for blob in blobs]
        owned: dict[str, dict[str, bytes]] = {}
        for key, blob in zip(keys, blobs, strict=True):
            owner, _, name = key.rpartition("/")
            owned.setdefault(owner, {})[name] = blob.content
        folders = [(self._folder / owner, contents) for owner, contents in owned.items()]
        changed, written = set[Path](), dict[str, str]()
        with _advised(self._folder):
            try:
                for year in {folder.parent for folder, _ in folders}:
                    changed.add(year)
                    if not year.is_dir():
                        _make_folder(year, changed)
                _in_threads(partial(self._write_into, written), folders)
                _in_threads(partial(_name_files, written), folders)
            except (OSError, KeyMissing):
                for temporary in written.values():
                    with suppress(OSError):
                        Path(temporary).unlink(missing_ok=True)
                raise
            _flush(changed)
        return keys

    def _get(self, key: BlobKey) -> bytes:
        if not KEY.fullmatch(key):
            raise PermanentFailure("This is no key of a blob.")
        with _advised(self._folder):
            try:
                content = self._keyring.content(self._folder / key, sha256_of(key))
            except FileNotFoundError as error:
                raise NoSuchBlob(
                    f"Blob {key} is not in {self._folder}: it was destroyed, or restore the backup."
                ) from error
        if content is None:
            raise DamagedBlob(
                f"Blob {key} is damaged: its hash differs; restore it from the backup."
            )
        return content

    def _get_many(self, keys: Iterable[BlobKey]) -> dict[BlobKey, bytes | Exception]:
        found: dict[BlobKey, bytes | Exception] = {}
        for key in keys:
            try:
                found[key] = self._get(key)
            except TemporaryFailure:
                raise
            except Exception as error:  # noqa: BLE001  (who asks for it decides what it means)
                found[key] = error
        return found

    def _holds(self, path: Path) -> bool:
        try:
            return self._keyring.holds(path, path.name)
        except (FileNotFoundError, KeyDestroyed):  # what nobody can read any more is written anew
            return False

    def _write_into(
        self, written: dict[str, str], folders: Iterable[tuple[Path, Mapping[str, bytes]]]
    ) -> None:
        """Write what folders are to hold under other names, and flush it; put those into `written`.

        What a folder holds already is left. Paths of files are texts: objects of them would take
        longer than the writing.
        """
        current = self._keyring.current
        for folder, contents in folders:
            fresh = _make_folder(folder, set())
            for name, content in contents.items():
                if not fresh and self._holds(folder / name):
                    continue
                written[f"{folder}/{name}"] = temporary = f"{folder}/.{uuid4().hex}.part"
                parts = [content] if current is None else current.encrypt_parts(BytesIO(content))
                _write(temporary, parts, flush=True)

    def _destroy(self, year: int, arrival_id: UUID) -> None:
        folder = self._folder / f"{year:04d}" / str(arrival_id)
        with _advised(self._folder):
            if not folder.exists():
                return
            for _ in range(_DESTROYED_IN):
                with _changed_beside():
                    shutil.rmtree(folder)
                if not folder.exists():
                    disk_space.sync(folder.parent)
                    return
        raise TemporaryFailure(
            f"{folder} changes while it is destroyed: end what writes there, try again."
        )


def key_of(year: int, arrival_id: UUID, content: bytes) -> BlobKey:
    """Computes the key of a blob; `year` is that of the arrival's local day of receipt.

    Raises PermanentFailure for a year that has not four digits.
    """
    if not 1 <= year <= 9999:  # noqa: PLR2004  (four digits)
        raise PermanentFailure(f"{year} is no year of four digits.")
    return BlobKey(f"{year:04d}/{arrival_id}/{hashlib.sha256(content).hexdigest()}")


async def or_error(get: Callable[[BlobKey], Awaitable[bytes]], key: BlobKey) -> bytes | Exception:
    """Reads a blob by `get`; returns what that raises, but a TemporaryFailure, which is raised."""
    try:
        return await get(key)
    except TemporaryFailure:
        raise
    except Exception as error:  # noqa: BLE001  (who asks for it decides what it means)
        return error


def sha256_of(key: str) -> str:
    """Returns the SHA-256 of a blob's octets, which its key ends with."""
    return key.rpartition("/")[2]


def replace_files(files: Mapping[Path, Iterable[bytes]]) -> int:
    """Replaces the octets of files, of each all or nothing: writes, flushes, then renames them.

    What was erased meanwhile is not brought back, unless it goes at that very moment: then it is a
    file that the erasing finds, which looks again. Returns how many were replaced. Blocks the
    calling thread; raises OSError, and whatever the octets' iterators raise.
    """
    written: dict[Path, Path] = {}
    try:
        for path, parts in files.items():
            temporary = path.with_name(f".{uuid4().hex}.part")
            written[path] = temporary
            try:
                _write(temporary, parts)
            except (FileNotFoundError, LeaveAsItIs):  # it, or its folder, is gone; or it changed
                temporary.unlink(missing_ok=True)
                del written[path]
        _flush(written.values(), erased_too=True)
        replaced = [path for path, temporary in written.items() if _take_place(temporary, path)]
    finally:
        for temporary in written.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    _flush({path.parent for path in replaced}, erased_too=True)
    return len(replaced)


def _name_files(
    written: Mapping[str, str], folders: Iterable[tuple[Path, Mapping[str, bytes]]]
) -> None:
    """Give files that are on the disk their names, and flush their folders.

    A folder that had them is flushed too: who wrote it may have been killed before.
    """
    for folder, contents in folders:
        for name in contents:
            path = f"{folder}/{name}"
            if path in written:
                os.replace(written[path], path)  # noqa: PTH105  (as said where they are written)
        disk_space.sync(folder)


def _take_place(temporary: Path, path: Path) -> bool:
    if not path.exists():
        return False
    try:
        temporary.replace(path)
    except FileNotFoundError:
        return False
    return True


def _write(path: str | Path, parts: Iterable[bytes], *, flush: bool = False) -> None:
    # By calls of the system alone: each gives the other threads their turn, and a file object makes
    # more of them.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for part in parts:
            left = memoryview(part)
            while left:  # a disk that fills up takes a part only
                left = left[os.write(descriptor, left) :]
        if flush:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path, changed: set[Path]) -> bool:
    """Make a folder, and those above it, for this user only; whether it is new.

    The folders in which something may be new are put into `changed`.
    """
    changed.add(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    except FileNotFoundError:
        _make_folder(folder.parent, changed)
        return _make_folder(folder, changed)
    return True


def _flush(paths: Iterable[Path], *, erased_too: bool = False) -> None:
    """Have the disk hold these files and folders; `erased_too`: those that are still there."""
    _in_threads(_sync_those_left if erased_too else _sync_all, list(paths))


def _in_threads(work: Callable[[Sequence[_T]], None], every: Sequence[_T]) -> None:
    """Has a share of `every` done by each thread; raises what one raised, once all have ended."""
    if len(every) == 1:  # by this thread: to hand it over and wait costs more than it
        work(every)
        return
    # A task a thread, not a file: handing a file over costs more than flushing it.
    shares = [share for start in range(_FLUSHES) if (share := every[start::_FLUSHES])]
    working = [_FLUSHING.submit(work, share) for share in shares]
    wait(working)
    for task in working:
        task.result()


def _sync_all(paths: Iterable[Path]) -> None:
    for path in paths:
        disk_space.sync(path)


def _sync_those_left(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError):
            disk_space.sync(path)


@contextmanager
def _changed_beside() -> Iterator[None]:
    """Passes over what a turnover does to a folder that goes: a file renamed, or one more."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTEMPTY}:
            raise


@contextmanager
def _advised(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "unknown error")
        raise TemporaryFailure(
            f"Blobs in {folder}: {disk_space.advice(error)} ({name})."
        ) from error
