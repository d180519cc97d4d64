"""Files first, rows after: no lock and no connection is held while a file is read or written.

Only under its lock does a transaction learn which files it needs. It asks here; what is not at hand
ends it (`NotAtHand`), is fetched with nothing in hand, and the transaction begins anew:

    transaction → needs a pli: rolled back → read → transaction → needs its mail kept: rolled back
      → written → transaction: all is at hand, committed

Whoever can tell beforehand what it will ask for reads it ahead, and saves a transaction.

So what is committed was decided under the lock, by what stands then, and met no file. Whatever runs
so must be repeatable, as every transaction here is.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from shared.content.blobs import key_of
from shared.content.plis import Store
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from shared.platform.database import Connection, Pool, transaction

T = TypeVar("T")


class NotAtHand(BaseException):
    """Raised in a transaction that needs a file first: it is rolled back and begun anew later.

    It is no `Exception`, like asyncio's CancelledError, so that handlers of errors don't catch it.
    """

    def __init__(self, name: Hashable, make: Callable[[], Awaitable[Any]]) -> None:
        super().__init__("A file is needed first: the transaction begins anew.")
        self.name = name
        self.make = make


class FilesFirst:
    """Access to blobs for a transaction that must not wait for files: they are read before it.

    Inside `transact` each method returns at once or raises NotAtHand: then the file is read or
    written outside, and the transaction is run again.
    """

    def __init__(self, blobs: Store) -> None:
        self._blobs = blobs
        self._made: dict[Hashable, Any] = {}
        self._failed: dict[Hashable, Exception] = {}

    async def get(self, key: BlobKey) -> bytes:
        """Returns a blob's octets if they were read already, else raises NotAtHand to read them."""
        octets: bytes = await self.result_of(("get", key), partial(self._blobs.get, key))
        return octets

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        """Returns the key of octets if they are stored already, else raises NotAtHand to do so."""
        key = key_of(year, arrival_id, content)
        await self.result_of(("put", key), partial(self._blobs.put, year, arrival_id, content))
        return key

    async def result_of(self, name: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Returns the result of a slow step if it was made already, else raises NotAtHand.

        `make` is called once for a name, outside any transaction; the error that it raised
        is raised here.
        """
        if name in self._failed:
            raise self._failed[name]
        if name not in self._made:
            raise NotAtHand(name, make)
        made: T = self._made[name]
        return made

    def hold(self, read: Mapping[BlobKey, bytes | Exception]) -> None:
        """Holds blobs that were read before: octets, or what is raised to whoever asks for them."""
        for key, found in read.items():
            if isinstance(found, Exception):
                self._failed["get", key] = found
            else:
                self._made["get", key] = found

    async def transact(self, pool: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs `work` in a transaction and commits; runs it again after each file that it lacked.

        Raises:
            TemporaryFailure: the database or a file can't be reached now; nothing was committed.
        """
        while True:
            try:
                async with transaction(pool) as connection:
                    return await work(connection)
            except NotAtHand as asked:
                wanted = asked
            await self._fetch(wanted)

    async def _fetch(self, wanted: NotAtHand) -> None:
        try:
            self._made[wanted.name] = await wanted.make()
        except TemporaryFailure:
            raise
        except Exception as error:  # noqa: BLE001  (who asked decides what a file's fault means)
            self._failed[wanted.name] = error
