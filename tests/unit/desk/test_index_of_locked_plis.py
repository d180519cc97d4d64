"""A pli whose key is not here leaves its item findable by the rest, and the queue going."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.desk.search import index_job
from services.desk.store.search_index import IndexSource
from shared.content.keyring import KeyMissing
from shared.facts.envelope import BlobKey

ITEM = UUID(int=1)


class Locked:
    """Blobs of which none has its key here."""

    async def get(self, key: BlobKey) -> bytes:
        raise KeyMissing("2026-0a1b2c3d", key)


async def test_an_item_whose_plis_are_locked_is_indexed_as_lacking() -> None:
    keys = [BlobKey(f"2026/{ITEM}/{digit * 64}") for digit in "abc"]
    source = IndexSource(
        ITEM, "item", datetime(2026, 5, 12, tzinfo=UTC), "36-2026-B-000001-7",
        (keys[0],), keys[1], keys[2],
    )  # fmt: skip
    blobs: Any = Locked()
    text = await index_job.text_of(source, blobs)
    assert (text.source, text.lacking) == (source, "unreadable")
    assert (text.sender, text.subject, text.body) == ("", "", "")
