"""A blob store in a bucket that takes over from a folder: written there, read in both.

`vaguemestre blobs move` copies what the folder has; until then it is read where it is. In a folder
that is empty, or not there, nothing is found.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

from shared.content.blob_files import BlobFile, BlobFiles
from shared.content.blobs import Blob, Blobs, NoSuchBlob, or_error
from shared.facts.envelope import BlobKey


class BlobHandover:
    """A blob store that writes to one store, and reads what is not there yet in the former one."""

    def __init__(self, blobs: Blobs, former: Blobs) -> None:
        self._blobs = blobs
        self._former = former

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        """Stores octets in the new store; returns the key. Raises TemporaryFailure."""
        return await self._blobs.put(year, arrival_id, content)

    async def put_many(self, blobs: Sequence[Blob]) -> list[BlobKey]:
        """Stores several blobs in the new store; returns their keys in the same order."""
        return await self._blobs.put_many(blobs)

    async def get(self, key: BlobKey) -> bytes:
        """Reads a blob's octets where it lies, and verifies their SHA-256.

        Raises DamagedBlob, PermanentFailure and TemporaryFailure as `Blobs.get` does.
        """
        try:
            return await self._blobs.get(key)
        except NoSuchBlob:
            try:
                return await self._former.get(key)
            except NoSuchBlob:
                return await self._blobs.get(key)  # it was moved between both looks

    async def get_many(self, keys: Iterable[BlobKey]) -> dict[BlobKey, bytes | Exception]:
        """Reads several blobs where they lie. Raises TemporaryFailure: one can't be read now."""
        found = await self._blobs.get_many(keys)
        for key, octets in found.items():
            if isinstance(octets, NoSuchBlob):
                found[key] = await or_error(self.get, key)
        return found

    async def destroy(self, year: int, arrival_id: UUID) -> None:
        """Deletes all blobs of an arrival in both stores; raises TemporaryFailure.

        The former one first: what is being moved meanwhile is found in the new one.
        """
        await self._former.destroy(year, arrival_id)
        await self._blobs.destroy(year, arrival_id)


class HandoverFiles:
    """The files of both stores by name: one that lies in both counts once, as in the new one."""

    def __init__(self, files: BlobFiles, former: BlobFiles) -> None:
        self._files = files
        self._former = former

    async def files(self) -> AsyncIterator[BlobFile]:
        """Yields the files of the new store, then those of the former one that were not moved.

        Raises TemporaryFailure.
        """
        # The former first: what is moved meanwhile is then in the other one.
        before = [file async for file in self._former.files()]
        moved = set[str]()
        async for file in self._files.files():
            moved.add(file.name)
            yield file
        for file in before:
            if file.name not in moved:
                yield file

    async def find_missing(self, keys: Iterable[str]) -> list[str]:
        """Returns those of these keys of which no file is in either store."""
        return await self._former.find_missing(await self._files.find_missing(keys))

    async def remove(self, names: Iterable[str]) -> int:
        """Removes files by name in both stores; returns the count of names."""
        every = list(names)
        await self._former.remove(every)
        return await self._files.remove(every)
