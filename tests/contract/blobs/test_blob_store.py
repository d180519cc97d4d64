"""What every blob store keeps to: the folder, and the bucket of an S3 server."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.content.blob_files import BlobFiles, FolderFiles
from shared.content.blobs import Blob, Blobs, DamagedBlob, LocalBlobs, NoSuchBlob
from shared.content.bucket import BucketAddress, BucketBlobs
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, KeyMissing, Keyring
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey
from tests.bucket_server import BUCKET, KEY, SECRET, SERVERS, bucket_server

ARRIVAL = UUID("5f0f8f0e-0000-5000-8000-000000000001")
OTHER = UUID("5f0f8f0e-0000-5000-8000-000000000002")
CONTENT = b"Received: from mx\r\n\r\nMonsieur le pr\xe9fet,"
ABSENT = BlobKey(f"2026/{ARRIVAL}/{'a' * 64}")


@dataclass
class Place:
    """A blob store, and what lies in it seen from outside."""

    opened: Callable[[Keyring], Blobs]
    stored: BlobFiles
    spoil: Callable[[BlobKey], object]

    @property
    def blobs(self) -> Blobs:
        return self.opened(IN_CLEAR)

    async def names(self) -> list[str]:
        return sorted([file.name async for file in self.stored.files()])


@pytest.fixture(params=["folder", *SERVERS])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "folder":
        folder = tmp_path / "blobs"
        yield Place(
            lambda keyring: LocalBlobs(folder, keyring),
            FolderFiles(folder),
            lambda key: (folder / key).write_bytes(b"other"),
        )
        return
    with bucket_server(request.param) as server:
        address = BucketAddress(
            server.endpoint, BUCKET, KEY, SECRET, prefix="indre/", patience=timedelta(seconds=5)
        )
        yield Place(
            lambda keyring: BucketBlobs(address, keyring),
            BucketBlobs(address),
            lambda key: address.store.put(key, b"other"),
        )


async def test_octets_come_back_as_they_were_kept_however_often(place: Place) -> None:
    key = await place.blobs.put(2026, ARRIVAL, CONTENT)
    assert key == f"2026/{ARRIVAL}/{hashlib.sha256(CONTENT).hexdigest()}"
    assert await place.blobs.put(2026, ARRIVAL, CONTENT) == key
    assert await place.blobs.get(key) == CONTENT
    assert await place.names() == [key]
    (file,) = [file async for file in place.stored.files()]
    assert file.size == len(CONTENT)


async def test_many_are_kept_together_each_for_its_arrival(place: Place) -> None:
    kept = [Blob(2026, ARRIVAL, CONTENT), Blob(2025, OTHER, b"pli"), Blob(2026, ARRIVAL, CONTENT)]
    kept += [Blob(2026, OTHER, b"%d" % number) for number in range(40)]
    keys = await place.blobs.put_many(kept)
    assert [await place.blobs.get(key) for key in keys] == [blob.content for blob in kept]
    assert len(await place.names()) == len(kept) - 1
    assert await place.blobs.put_many([]) == []


async def test_nothing_is_kept_as_such(place: Place) -> None:
    assert await place.blobs.get(await place.blobs.put(2026, ARRIVAL, b"")) == b""


async def test_what_is_damaged_is_said_to_be_and_mended_by_keeping_it_again(place: Place) -> None:
    key = await place.blobs.put(2026, ARRIVAL, CONTENT)
    place.spoil(key)
    with pytest.raises(DamagedBlob):
        await place.blobs.get(key)
    await place.blobs.put(2026, ARRIVAL, CONTENT)
    assert await place.blobs.get(key) == CONTENT


async def test_what_is_not_there_is_said_in_a_sentence(place: Place) -> None:
    await place.blobs.put(2026, ARRIVAL, CONTENT)
    with pytest.raises(NoSuchBlob, match=r"is not in .*: it was destroyed, or restore"):
        await place.blobs.get(ABSENT)
    for key in ("", "../../../etc/passwd", f"{ABSENT}/..", f"/{ABSENT}"):
        with pytest.raises(PermanentFailure, match="no key"):
            await place.blobs.get(BlobKey(key))


async def test_many_are_read_together_each_as_it_would_be_alone(place: Place) -> None:
    contents = [CONTENT, *(b"%d" % number for number in range(40))]
    keys = await place.blobs.put_many([Blob(2026, ARRIVAL, content) for content in contents])
    place.spoil(keys[3])
    no_key = BlobKey("../../../etc/passwd")
    read = await place.blobs.get_many([*keys, ABSENT, keys[0], no_key])
    assert set(read) == {*keys, ABSENT, no_key}
    assert [read.pop(key) for key in keys[4:]] == contents[4:]
    assert [read.pop(key) for key in keys[:3]] == contents[:3]
    assert isinstance(read[keys[3]], DamagedBlob)
    assert isinstance(read[ABSENT], NoSuchBlob)
    assert isinstance(read[no_key], PermanentFailure)
    assert await place.blobs.get_many([]) == {}


async def test_one_that_can_not_be_read_now_is_said_at_once(place: Place) -> None:
    key = ReadingKey.new("2026")
    ring = Keyring({"2026": key}, key.writing)
    clear = await place.blobs.put(2026, ARRIVAL, b"pli")
    locked = await place.opened(ring).put(2026, ARRIVAL, CONTENT)
    with pytest.raises(KeyMissing):
        await place.blobs.get_many([clear, locked])


async def test_destroying_an_arrival_removes_all_it_owns_and_nothing_else(place: Place) -> None:
    gone = await place.blobs.put_many([Blob(2026, ARRIVAL, b"%d" % n) for n in range(20)])
    kept = await place.blobs.put(2026, OTHER, b"original")
    for _ in range(2):
        await place.blobs.destroy(2026, ARRIVAL)
    with pytest.raises(NoSuchBlob):
        await place.blobs.get(gone[0])
    assert await place.names() == [kept]


async def test_encrypted_octets_are_read_by_their_key_alone(place: Place) -> None:
    key = ReadingKey.new("2026")
    ring = Keyring({"2026": key}, key.writing)
    large = b"octets" * 100_000
    kept = await place.opened(ring).put_many(
        [Blob(2026, ARRIVAL, CONTENT), Blob(2026, ARRIVAL, large)]
    )
    assert [await place.opened(ring).get(name) for name in kept] == [CONTENT, large]
    with pytest.raises(KeyMissing):
        await place.blobs.get(kept[0])
    destroyed = Keyring({}, None, frozenset({key.writing.id}))
    await place.opened(destroyed).put(2026, ARRIVAL, CONTENT)
    assert await place.blobs.get(kept[0]) == CONTENT


async def test_all_that_lies_there_is_listed_looked_for_and_removed_by_name(place: Place) -> None:
    one, two = await place.blobs.put_many([Blob(2026, ARRIVAL, b"1"), Blob(2025, OTHER, b"2")])
    assert sorted(await place.stored.find_missing([one, ABSENT, two])) == [ABSENT]
    assert await place.stored.remove([one]) == 1
    assert await place.names() == [two]
    assert await place.stored.remove([one, two]) == 2
    assert await place.names() == []
