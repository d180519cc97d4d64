"""A blob store in a bucket of an S3-compatible object store, by `obstore`.

Imported only where a bucket is configured (shared/content/originals_settings.py). An object has the
name of the folder's file, below the bucket's prefix, and is encrypted the same. The server answers
200 for what it keeps, whose SHA-256 it has compared. Erasing must erase: a bucket that keeps former
versions is refused at the first write.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotFoundError,
    PreconditionError,
)
from obstore.store import S3Store

from shared.content.blob_files import BlobFile
from shared.content.blobs import KEY, Blob, DamagedBlob, NoSuchBlob, key_of, or_error, sha256_of
from shared.content.bucket_answers import code_of, reason
from shared.content.keyring import IN_CLEAR, KeyDestroyed, Keyring
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import BlobKey

if TYPE_CHECKING:
    from obstore.store import ClientConfig

_T = TypeVar("_T")

_AT_ONCE: Final = 16
"""Requests under way for one call, as files that a disk flushes together."""
_ROUNDS: Final = 100
"""Looks at what an arrival owns while something beside writes more of it."""
_LARGE: Final = 1 << 18
"""Octets from which on the processor's work on them is done beside the event loop."""


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """The address of a bucket, and the key that reads and writes there."""

    endpoint: str
    """`https://s3.example:9000`; `http://` where the network is said to be trusted."""
    name: str
    key: str
    secret: str = field(repr=False)
    region: str = "us-east-1"
    prefix: str = ""
    """Before the name of each object: empty, or ends with `/`."""
    authorities: bytes | None = None
    """PEM of who signed the server's certificate; `None`: those that the machine trusts."""
    patience: timedelta = timedelta(seconds=20)
    """How long a request that failed in passing is tried again."""

    @property
    def store(self) -> S3Store:
        """Makes the client of the bucket; nothing is asked yet."""
        client: ClientConfig = {
            "allow_http": self.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "read_timeout": timedelta(seconds=30),
            "timeout": timedelta(minutes=5),
            "pool_max_idle_per_host": str(_AT_ONCE),
        }
        if self.authorities is not None:
            client["root_certificate"] = self.authorities
        return S3Store(
            self.name,
            prefix=self.prefix.rstrip("/") or None,
            endpoint=self.endpoint,
            region=self.region,
            access_key_id=self.key,
            secret_access_key=self.secret,
            virtual_hosted_style_request=False,
            checksum_algorithm="SHA256",
            disable_tagging=True,
            client_options=client,
            retry_config={
                "max_retries": 3,
                "retry_timeout": self.patience,
                "backoff": {"init_backoff": timedelta(milliseconds=100)},
            },
        )


class BucketBlobs:
    """A blob store in a bucket; as `LocalBlobs` in a folder (shared/content/blobs.py)."""

    def __init__(self, address: BucketAddress, keyring: Keyring = IN_CLEAR) -> None:
        self._store = address.store
        self._keyring = keyring
        self._place = f"bucket {address.name} at {address.endpoint}"

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        """Stores octets as an object; returns the key once the server has said that it has them.

        Raises TemporaryFailure as `Blobs.put` does.
        """
        (key,) = await self.put_many([Blob(year, arrival_id, content)])
        return key

    async def put_many(self, blobs: Sequence[Blob]) -> list[BlobKey]:
        """Stores several blobs, sixteen at a time; returns their keys in the same order.

        Raises TemporaryFailure as `Blobs.put` does; some of them may be stored by then.
        """
        keys = [key_of(*blob) for blob in blobs]
        await in_turns(lambda pair: self._put(*pair), dict(zip(keys, blobs, strict=True)).items())
        return keys

    async def get(self, key: BlobKey) -> bytes:
        """Reads a blob's octets from the bucket and verifies their SHA-256.

        Raises DamagedBlob, PermanentFailure and TemporaryFailure as `Blobs.get` does.
        """
        if not KEY.fullmatch(key):
            raise PermanentFailure("This is no key of a blob.")
        raw = await self.octets(key)
        content = await _beside(len(raw), lambda: self._opened(key, raw))
        if content is None:
            raise DamagedBlob(f"Blob {key} is damaged: its hash differs; restore it from a copy.")
        return content

    async def get_many(self, keys: Iterable[BlobKey]) -> dict[BlobKey, bytes | Exception]:
        """Reads several blobs, sixteen at a time.

        Raises TemporaryFailure when one can't be read now.
        """
        found: dict[BlobKey, bytes | Exception] = {}

        async def read(key: BlobKey) -> None:
            found[key] = await or_error(self.get, key)

        await in_turns(read, set(keys))
        return found

    async def destroy(self, year: int, arrival_id: UUID) -> None:
        """Deletes all objects of an arrival from the bucket; does nothing when none is there.

        Raises TemporaryFailure: the server can't be reached now, or refuses.
        """
        folder = f"{year:04d}/{arrival_id}"
        for _ in range(_ROUNDS):
            found = [file.name async for file in self.files(folder)]
            if not found:
                return
            await self.remove(found)
        raise TemporaryFailure(
            f"{folder} in {self._place} changes while it is destroyed: try again."
        )

    async def files(self, below: str = "") -> AsyncIterator[BlobFile]:
        """Yields all objects of the bucket, or those of a folder; raises TemporaryFailure."""
        with self._advised():
            async for page in self._store.list(below or None):
                for found in page:
                    written = found["last_modified"].timestamp()
                    yield BlobFile(found["path"], found["size"], written)

    async def find_missing(self, keys: Iterable[str]) -> list[str]:
        """Returns those of these keys of which no object is there; raises TemporaryFailure."""
        away: list[str] = []

        async def look(key: str) -> None:
            with self._advised():
                try:
                    await self._store.head_async(key)
                except (FileNotFoundError, NotFoundError):  # an answer to HEAD says no code
                    away.append(key)

        await in_turns(look, keys)
        if away:
            await self.answers()  # a bucket that is not there has none of them
        return away

    async def remove(self, names: Iterable[str]) -> int:
        """Deletes objects by name, those that are gone too; returns the count of names.

        Raises TemporaryFailure: the server can't be reached now, or refuses.
        """
        removed = list(names)

        async def delete(name: str) -> None:
            with suppress(NoSuchBlob), self._advised():
                await self._store.delete_async(name)

        await in_turns(delete, removed)
        return len(removed)

    async def octets(self, key: str, *, first: int | None = None) -> bytes:
        """Reads an object as it lies there, maybe encrypted; of a long one the `first` octets.

        Raises NoSuchBlob, TemporaryFailure.
        """
        with self._advised(key):
            got = await self._store.get_async(key)
            if first is None or got.meta["size"] <= first:
                return bytes(await got.bytes_async())
            return bytes(await self._store.get_range_async(key, start=0, end=first))

    async def replace(self, key: str, make: Callable[[bytes], bytes | None]) -> bool:
        """Writes an object anew, from its octets as they lie there; `None`: it is left.

        Returns whether it was: what was erased or written by another meanwhile stays so. Raises
        NoSuchBlob, TemporaryFailure, and what `make` raises.
        """
        with self._advised(key):
            got = await self._store.get_async(key)
            made = make(bytes(await got.bytes_async()))
            if made is None:
                return False
            try:
                await self._store.put_async(
                    key, made, mode={"e_tag": got.meta["e_tag"]}, use_multipart=False
                )
            except PreconditionError:
                return False
        return True

    async def answers(self) -> None:
        """Asks whether the bucket can be listed; raises TemporaryFailure that says why not."""
        with self._advised():
            await self._store.list_with_delimiter_async("vaguemestre-health")

    async def _put(self, key: BlobKey, blob: Blob) -> None:
        current, content = self._keyring.current, blob.content
        if current is not None:
            content = await _beside(len(content), lambda: current.encrypt(blob.content))
        with self._advised():
            try:
                made = await self._store.put_async(key, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                if await self._holds(key):
                    return
                made = await self._store.put_async(key, content, use_multipart=False)
        if made["version"] not in {None, "null"}:
            raise TemporaryFailure(
                f"The {self._place} keeps former versions of what is deleted, so that nothing could"
                " be erased there: suspend its versioning, or give another bucket."
            )

    async def _holds(self, key: BlobKey) -> bool:
        try:
            await self.get(key)
        except (DamagedBlob, NoSuchBlob, KeyDestroyed):  # which nobody can read is written anew
            return False
        return True

    def _opened(self, key: BlobKey, octets: bytes) -> bytes | None:
        return self._keyring.content_in(BytesIO(octets), sha256_of(key), f"Blob {key}")

    @contextmanager
    def _advised(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except AlreadyExistsError:
            raise
        except (BaseError, OSError) as error:
            if code_of(error) == "NoSuchKey":
                raise NoSuchBlob(
                    f"Blob {key} is not in {self._place}: it was destroyed, or restore a copy."
                ) from None
            raise TemporaryFailure(f"The {self._place}: {reason(error)}.") from None


async def _beside(size: int, work: Callable[[], _T]) -> _T:
    return await asyncio.to_thread(work) if size >= _LARGE else work()


async def in_turns(work: Callable[[_T], Awaitable[None]], every: Iterable[_T]) -> None:
    """Calls `work` for each thing, sixteen at a time; raises what one raised, all ended."""
    things = list(every)
    waiting = iter(things)

    async def some() -> None:
        for item in waiting:
            await work(item)

    working = [asyncio.create_task(some()) for _ in things[:_AT_ONCE]]
    try:
        await asyncio.gather(*working)
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
