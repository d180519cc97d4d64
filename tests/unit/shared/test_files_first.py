"""What a transaction will probably need is read ahead: each file once, beside the others."""

import asyncio
from uuid import UUID

import pytest

from shared.content.files_first import FilesFirst, NotAtHand
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import BlobKey

PATIENCE = 60.0
KEYS = [BlobKey(f"2026/{name}") for name in "abc"]


class Waiting:
    """A store each of whose reads waits until all three have begun."""

    def __init__(self, failures: dict[BlobKey, Exception] | None = None) -> None:
        self.asked: list[BlobKey] = []
        self._failures = failures or {}
        self._together = asyncio.Barrier(len(KEYS))

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        raise NotImplementedError

    async def get(self, key: BlobKey) -> bytes:
        self.asked.append(key)
        async with asyncio.timeout(PATIENCE):
            await self._together.wait()
        if key in self._failures:
            raise self._failures[key]
        return key.encode()


async def test_files_are_read_beside_each_other_and_each_once() -> None:
    store = Waiting()
    files = FilesFirst(store)
    await files.read_ahead([*KEYS, *KEYS])
    assert [await files.get(key) for key in KEYS] == [b"2026/a", b"2026/b", b"2026/c"]
    assert sorted(store.asked) == KEYS


async def test_a_file_that_can_not_be_read_fails_whoever_asks_for_it_and_nobody_else() -> None:
    files = FilesFirst(Waiting({KEYS[1]: PermanentFailure("damaged")}))
    await files.read_ahead(KEYS)
    with pytest.raises(PermanentFailure, match="damaged"):
        await files.get(KEYS[1])
    assert await files.get(KEYS[2]) == b"2026/c"
    with pytest.raises(NotAtHand):
        await files.get(BlobKey("2026/d"))


async def test_a_store_that_is_away_is_said_at_once() -> None:
    with pytest.raises(TemporaryFailure, match="away"):
        await FilesFirst(Waiting({KEYS[0]: TemporaryFailure("away")})).read_ahead(KEYS)
