"""A blob is written once, whole, for its owner only; its hash proves it."""

import errno
import hashlib
import os
import resource
import stat
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.content.blobs import Blob, Blobs, LocalBlobs
from shared.content.encryption import ReadingKey
from shared.content.keyring import Keyring
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import BlobKey

ARRIVAL = UUID("5f0f8f0e-0000-5000-8000-000000000001")
CONTENT = b"Received: from mx\r\n\r\nMonsieur le pr\xe9fet,"
MEBIBYTE = 1 << 20
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "blobs"


@pytest.fixture
def blobs(folder: Path) -> Blobs:
    return LocalBlobs(folder)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_octets_come_back_as_they_were_kept(blobs: Blobs) -> None:
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    assert key == f"2026/{ARRIVAL}/{SHA256}"
    assert await blobs.get(key) == CONTENT


async def test_keeping_octets_twice_is_keeping_them_once(blobs: Blobs, folder: Path) -> None:
    assert await blobs.put(2026, ARRIVAL, CONTENT) == await blobs.put(2026, ARRIVAL, CONTENT)
    assert [path.name for path in files(folder)] == [SHA256]


async def test_many_are_kept_together_each_for_its_arrival(blobs: Blobs, folder: Path) -> None:
    other = UUID(int=ARRIVAL.int + 1)
    kept = [Blob(2026, ARRIVAL, CONTENT), Blob(2025, other, b"pli"), Blob(2026, ARRIVAL, CONTENT)]
    keys = await blobs.put_many(kept)
    assert [await blobs.get(key) for key in keys] == [CONTENT, b"pli", CONTENT]
    assert keys[0] == keys[2] == f"2026/{ARRIVAL}/{SHA256}"
    assert len(files(folder)) == 2
    assert await blobs.put_many([]) == []


async def test_only_the_owner_of_the_process_may_read_them(blobs: Blobs, folder: Path) -> None:
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    assert stat.S_IMODE((folder / key).stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / key).parent.stat().st_mode) == 0o700


async def test_a_damaged_blob_is_said_to_be_damaged(blobs: Blobs, folder: Path) -> None:
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    (folder / key).write_bytes(b"other")
    with pytest.raises(PermanentFailure, match="damaged"):
        await blobs.get(key)


async def test_a_damaged_blob_is_mended_by_keeping_its_octets_again(
    blobs: Blobs, folder: Path
) -> None:
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    (folder / key).write_bytes(b"other")
    await blobs.put(2026, ARRIVAL, CONTENT)
    assert await blobs.get(key) == CONTENT


@pytest.mark.parametrize(
    "key",
    [
        "../../../etc/passwd",
        f"2026/{ARRIVAL}/../../../etc/passwd",
        f"2026/{ARRIVAL}/{SHA256}/..",
        f"2026/{ARRIVAL}/{SHA256}\n",
        f"/2026/{ARRIVAL}/{SHA256}",
        "",
    ],
)
async def test_what_is_no_key_leads_nowhere(blobs: Blobs, key: str) -> None:
    with pytest.raises(PermanentFailure, match="no key"):
        await blobs.get(BlobKey(key))


async def test_an_absent_blob_is_a_sentence(blobs: Blobs) -> None:
    with pytest.raises(PermanentFailure, match="destroyed, or restore the backup"):
        await blobs.get(BlobKey(f"2026/{ARRIVAL}/{SHA256}"))


async def test_what_takes_another_place_while_it_is_destroyed_is_destroyed_too(
    blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a turnover beside does: a file that was listed has another name when its turn comes."""
    await blobs.put_many([Blob(2026, ARRIVAL, content) for content in (CONTENT, b"pli", b"note")])
    unlink, listed = os.unlink, list[str]()

    def renamed_first(path: str, **where: Any) -> None:
        listed.append(path)
        if len(listed) == 1:
            os.rename(path, f".{path}.new", src_dir_fd=where["dir_fd"], dst_dir_fd=where["dir_fd"])
        unlink(path, **where)

    monkeypatch.setattr(os, "unlink", renamed_first)
    await blobs.destroy(2026, ARRIVAL)
    assert files(folder) == []


async def test_reading_takes_the_memory_of_what_is_read_once(blobs: Blobs, folder: Path) -> None:
    content = os.urandom(MEBIBYTE) * 24
    ring = ReadingKey.new("2026")
    encrypted = LocalBlobs(folder / "other", Keyring({"2026": ring}, ring.writing))
    for store in (blobs, encrypted):
        key = await store.put(2026, ARRIVAL, content)
        tracemalloc.start()
        assert await store.get(key) == content
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 1.5 * len(content)


async def test_destroying_an_arrival_removes_all_it_owns_and_nothing_else(blobs: Blobs) -> None:
    other = UUID("5f0f8f0e-0000-5000-8000-000000000002")
    gone = [await blobs.put(2026, ARRIVAL, octets) for octets in (b"original", b"pli")]
    kept = await blobs.put(2026, other, b"original")
    await blobs.destroy(2026, ARRIVAL)
    await blobs.destroy(2026, ARRIVAL)
    assert await blobs.get(kept) == b"original"
    for key in gone:
        with pytest.raises(PermanentFailure):
            await blobs.get(key)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "mounted read-only"),
        (errno.EACCES, "access is denied"),
        (errno.EIO, "check it"),
    ],
)
async def test_a_disk_that_refuses_says_what_to_do_and_leaves_nothing_half_written(
    blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, advice: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(TemporaryFailure, match=advice):
        await blobs.put(2026, ARRIVAL, CONTENT)
    assert files(folder) == []


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.ENOSYS])
async def test_a_share_that_syncs_no_folders_keeps_all_the_same(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    synced: list[int] = []

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, "a share has no such thing")
        synced.append(descriptor)

    monkeypatch.setattr("os.fsync", files_only)
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    assert await blobs.get(key) == CONTENT
    assert len(synced) == 1


async def test_a_file_that_is_not_flushed_is_not_kept(
    blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_files(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not flushed")

    monkeypatch.setattr("os.fsync", no_files)
    with pytest.raises(TemporaryFailure):
        await blobs.put(2026, ARRIVAL, CONTENT)
    assert files(folder) == []


async def test_a_disk_that_takes_a_part_has_taken_nothing(blobs: Blobs, folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEBIBYTE, hard))
    try:
        with pytest.raises(TemporaryFailure, match="EFBIG"):
            await blobs.put(2026, ARRIVAL, b"x" * (MEBIBYTE + 1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(folder) == []


async def test_two_writers_of_the_same_octets_do_not_meet(
    blobs: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace: Callable[[Path, Path], Path] = Path.replace

    def late(self: Path, target: Path) -> Path:
        target.write_bytes(CONTENT)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", late)
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    assert (folder / key).read_bytes() == CONTENT
