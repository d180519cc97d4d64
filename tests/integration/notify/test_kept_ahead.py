"""The octets of the mails that leave next are on the disk before the last of those now has left."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from services.notify.lanes import MOST
from shared.content.blobs import Blob, LocalBlobs
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from tests.integration.notify.conftest import House
from tests.integration.notify.test_claimed_together import CLAIMED, SENT, seventy


async def test_what_leaves_next_is_kept_while_the_batch_before_it_leaves(
    house: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last answer of the first batch waits until the second one's octets are on the disk."""
    kept, second, put = list[int](), asyncio.Event(), LocalBlobs.put_many

    async def noting(blobs: LocalBlobs, given: Sequence[Blob]) -> list[BlobKey]:
        keys = await put(blobs, given)
        kept.append(len(keys))
        if len(kept) == 2:
            second.set()
        return keys

    async def at_the_last() -> None:
        if len(house.sink.taken) == MOST:
            await asyncio.wait_for(second.wait(), 30)

    await seventy(house, postgres_url)
    monkeypatch.setattr(LocalBlobs, "put_many", noting)
    house.sink.before_answer = at_the_last
    async with house.sending(), asyncio.timeout(100):
        while await house.pool.fetchval(SENT) < 70:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)
    assert kept == [MOST, MOST, 6]


async def test_what_can_not_be_kept_is_put_back_and_leaves_once_the_disk_has_room(
    house: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches, put = list[int](), LocalBlobs.put_many

    async def full_at_the_second(blobs: LocalBlobs, given: Sequence[Blob]) -> list[BlobKey]:
        batches.append(len(given))
        if len(batches) == 2:
            raise TemporaryFailure("The disk is full.")
        return await put(blobs, given)

    await seventy(house, postgres_url)
    monkeypatch.setattr(LocalBlobs, "put_many", full_at_the_second)
    with pytest.raises(TemporaryFailure, match="disk is full"):
        async with asyncio.timeout(100):
            await house.sender(asyncio.Event()).run()
    assert (await house.pool.fetchval(SENT), await house.pool.fetchval(CLAIMED)) == (MOST, 0)
    async with house.sending(), asyncio.timeout(100):
        while await house.pool.fetchval(SENT) < 70:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)
    assert batches == [MOST, MOST, MOST, 6]
    assert set(Counter(taken.recipient for taken in house.sink.taken).values()) == {1}
