"""What a transaction will probably need is read ahead: each file once, one after the other."""

from uuid import UUID

import pytest

from shared.content.files_first import FilesFirst, NotAtHand
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import BlobKey

KEYS = [BlobKey(f"2026/{name}") for name in "abc"]


class Noting:
    """A store that notes what was asked of it."""

    def __init__(self, failures: dict[BlobKey, Exception] | None = None) -> None:
        self.asked: list[BlobKey] = []
        self._failures = failures or {}

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        raise NotImplementedError

    async def get(self, key: BlobKey) -> bytes:
        self.asked.append(key)
        if key in self._failures:
            raise self._failures[key]
        return key.encode()


async def test_each_file_is_read_once_in_order() -> None:
    store = Noting()
    files = FilesFirst(store)
    await files.read_ahead([*KEYS, *KEYS])
    assert [await files.get(key) for key in KEYS] == [b"2026/a", b"2026/b", b"2026/c"]
    assert store.asked == KEYS


async def test_a_file_that_can_not_be_read_fails_whoever_asks_for_it_and_nobody_else() -> None:
    files = FilesFirst(Noting({KEYS[1]: PermanentFailure("damaged")}))
    await files.read_ahead(KEYS)
    with pytest.raises(PermanentFailure, match="damaged"):
        await files.get(KEYS[1])
    assert await files.get(KEYS[2]) == b"2026/c"
    with pytest.raises(NotAtHand):
        await files.get(BlobKey("2026/d"))


async def test_a_store_that_is_away_is_said_at_once() -> None:
    with pytest.raises(TemporaryFailure, match="away"):
        await FilesFirst(Noting({KEYS[0]: TemporaryFailure("away")})).read_ahead(KEYS)
