"""Originals moved from the folder into a bucket, while everything runs.

Each file is read and verified, written to the bucket, and read back there. Who is killed is started
again: what is there is not written twice. A file of the folder is removed only when asked, once its
copy was read back in this very run; until then processes read it where it is.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from shared.content.at_rest import blob_paths
from shared.content.blob_files import FolderFiles
from shared.content.blobs import DamagedBlob, LocalBlobs, NoSuchBlob
from shared.content.bucket import BucketBlobs, in_turns
from shared.content.keyring import KeyDestroyed, Keyring
from shared.errors import Refused
from shared.facts.envelope import BlobKey
from shared.platform.database import Connection

_LOCK = 0x626C6F6273
"""One move at a time, over all machines: `blobs`."""
_SAID_EACH = 1_000


@dataclass
class BlobMove:
    """The result of moving originals from a folder into a bucket: counts, and what was left."""

    copied: int = 0
    before: int = 0
    """Files that were in the bucket already."""
    removed: int = 0
    left: list[str] = field(default_factory=list)
    """Why each file that could not be moved stays in the folder, by its key."""


async def move(
    connection: Connection,
    folder: Path,
    bucket: BucketBlobs,
    keyring: Keyring,
    progress: Callable[[int], None],
    *,
    remove: bool = False,
) -> BlobMove:
    """Copies what a folder holds into a bucket, under the key that writes; verifies each copy.

    Args:
        connection: the database owner's, by which one move is at work at a time.
        folder: the blob store's.
        bucket: the blob store's to be, with the same keyring.
        keyring: opens the files.
        progress: called with the number of files looked at, now and then.
        remove: whether each file goes from the folder once its copy was read back.

    Raises:
        Refused: another move is at work.
        TemporaryFailure: disk, bucket or a key are away; what was copied stays.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        raise Refused("Another `blobs move` is at work: let it end.")
    work = _Work(folder, bucket, keyring, progress, remove=remove)
    work.there = {file.name async for file in bucket.files()}
    await _remove_erased(connection, bucket, work.there)
    paths = await asyncio.to_thread(lambda: list(blob_paths(folder)))
    await in_turns(work.take, [BlobKey(str(path.relative_to(folder))) for path in paths])
    work.done.left.sort()
    return work.done


async def _remove_erased(connection: Connection, bucket: BucketBlobs, there: set[str]) -> None:
    """Removes what was erased while a move that was killed wrote it: no folder names it any more.

    Takes it out of `there`, the names of what the bucket has.
    """
    rows = await connection.fetch(
        "SELECT year || '/' || owner AS folder FROM desk.erasures WHERE done_at IS NOT NULL"
    )
    erased = {row["folder"] for row in rows}
    gone = [BlobKey(name) for name in there if name.rpartition("/")[0] in erased]
    await bucket.remove(gone)
    there.difference_update(gone)


class _Work:
    """One run over a folder."""

    def __init__(
        self,
        folder: Path,
        bucket: BucketBlobs,
        keyring: Keyring,
        progress: Callable[[int], None],
        *,
        remove: bool,
    ) -> None:
        self._folder, self._files = folder, FolderFiles(folder)
        self._local, self._bucket = LocalBlobs(folder, keyring), bucket
        self._progress, self._remove = progress, remove
        self.there = set[str]()
        self.done, self._seen = BlobMove(), 0

    async def take(self, key: BlobKey) -> None:
        """Copies one file if the bucket has it not yet; removes it where that is asked."""
        with suppress(NoSuchBlob):  # erased meanwhile
            try:
                await self._copy(key)
            except (DamagedBlob, KeyDestroyed) as failure:
                self.done.left.append(f"{key}: {failure}")
        self._seen += 1
        if self._seen % _SAID_EACH == 0:
            self._progress(self._seen)

    async def _copy(self, key: BlobKey) -> None:
        if key in self.there:
            self.done.before += 1
        else:
            year, owner, _ = key.split("/")
            content = await self._local.get(key)
            await self._bucket.put(int(year), UUID(owner), content)
            if await self._files.find_missing([key]):  # erased while it was written
                await self._bucket.remove([key])
                return
            self.done.copied += 1
        if key not in self.there or self._remove:
            await self._bucket.get(key)
        if self._remove:
            await self._files.remove([key])
            self.done.removed += 1
