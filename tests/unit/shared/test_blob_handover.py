"""While a bucket takes over from a folder, what lies in either is read, one by one and together."""

from pathlib import Path
from uuid import UUID

from shared.content.blob_handover import BlobHandover
from shared.content.blobs import Blob, LocalBlobs, NoSuchBlob
from shared.facts.envelope import BlobKey

ARRIVAL = UUID("5f0f8f0e-0000-5000-8000-000000000001")
ABSENT = BlobKey(f"2026/{ARRIVAL}/{'a' * 64}")


async def test_what_lies_in_either_store_is_read_together_as_one_by_one(tmp_path: Path) -> None:
    new, former = LocalBlobs(tmp_path / "new"), LocalBlobs(tmp_path / "former")
    (moved,) = await new.put_many([Blob(2026, ARRIVAL, b"moved")])
    (left,) = await former.put_many([Blob(2026, ARRIVAL, b"left")])
    blobs = BlobHandover(new, former)
    assert (await blobs.get(moved), await blobs.get(left)) == (b"moved", b"left")
    read = await blobs.get_many([left, moved, ABSENT])
    assert isinstance(read.pop(ABSENT), NoSuchBlob)
    assert read == {moved: b"moved", left: b"left"}
