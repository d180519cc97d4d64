"""A préfecture's originals moved into a bucket, looked after there, and restored from it."""

import asyncio
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.ops.drill import backup
from shared.content.blobs import NoSuchBlob
from shared.content.bucket import BucketAddress, BucketBlobs
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.originals_settings import OriginalsSettings
from shared.facts.envelope import BlobKey
from shared.platform.settings import load
from tests.bucket_server import BUCKET, KEY, SECRET, Application, BucketServer, bucket_server
from tests.integration.desk.proven import Proven
from tests.roles import one_transaction


@pytest.fixture
def server() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


class House:
    """A register of five letters, its folder of originals, and the bucket that takes over."""

    def __init__(self, month: Proven, server: BucketServer) -> None:
        self.month, self.folder = month, month.folder
        self.bucket = BucketBlobs(
            BucketAddress(server.endpoint, BUCKET, KEY, SECRET, prefix="indre/")
        )
        self.variables = {
            "VAGUEMESTRE_DATABASE_URL": month.url, "VAGUEMESTRE_BLOBS": str(month.folder),
            "VAGUEMESTRE_DATA": "/nonexistent", "VAGUEMESTRE_BUCKET": BUCKET,
            "VAGUEMESTRE_BUCKET_ENDPOINT": server.endpoint, "VAGUEMESTRE_BUCKET_KEY": KEY,
            "VAGUEMESTRE_BUCKET_SECRET": SECRET, "VAGUEMESTRE_BUCKET_PREFIX": "indre/",
            "VAGUEMESTRE_BUCKET_OPEN": "yes",
        }  # fmt: skip

    async def blobs(self, *words: str, keyring: Keyring = IN_CLEAR) -> Result:
        return await asyncio.to_thread(
            CliRunner().invoke, main, ["blobs", *words],
            env={**self.variables, "VAGUEMESTRE_KEYRING": keyring.text},
        )  # fmt: skip

    def names(self) -> list[str]:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted(str(path.relative_to(self.folder)) for path in files)

    async def there(self) -> list[str]:
        return sorted([file.name async for file in self.bucket.files()])


@pytest.fixture
def house(month: Proven, server: BucketServer) -> House:
    return House(month, server)


async def test_originals_are_moved_while_all_is_read_and_again_after_a_fault(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = house.names()
    first, damaged = names[0], names[-1]
    for name, value in house.variables.items():
        monkeypatch.setenv(name, value)
    originals = load(OriginalsSettings).originals
    content = (house.folder / first).read_bytes()
    assert await originals.get(BlobKey(first)) == content, "where it still is"
    whole = await house.blobs("check")
    assert (whole.exit_code, whole.output.partition(" (")[0]) == (0, "10 files"), whole.output

    octets = (house.folder / damaged).read_bytes()
    (house.folder / damaged).write_bytes(b"others")
    faulty = await house.blobs("move")
    assert faulty.exit_code == 1
    assert faulty.output.splitlines()[0].startswith(f"left in the folder: {damaged}: Blob")
    assert "9 files copied and read back, 0 were there already, 0 removed" in faulty.output
    (house.folder / damaged).write_bytes(octets)
    moved = await house.blobs("move", "--remove")
    assert moved.exit_code == 0, moved.output
    assert "1 files copied and read back, 9 were there already, 10 removed" in moved.output
    assert (house.names(), await house.there()) == ([], names)
    assert await originals.get(BlobKey(first)) == content
    whole = await house.blobs("check")
    assert (whole.exit_code, whole.output.partition(" (")[0]) == (0, "10 files"), whole.output


async def test_what_is_erased_while_it_is_moved_or_after_it_is_gone_everywhere(
    house: House, server: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased, *others = house.names()
    year, owner, _ = erased.split("/")

    def erases(
        bucket: Application, environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        """What the eraser does to the folder, while the first of its files is on its way."""
        if environ["REQUEST_METHOD"] == "PUT" and owner in environ["PATH_INFO"]:
            shutil.rmtree(house.folder / year / owner, ignore_errors=True)
        return bucket(environ, start)

    server.always = erases
    moved = await house.blobs("move")
    assert (moved.exit_code, await house.there()) == (
        0, [name for name in others if owner not in name],
    ), moved.output  # fmt: skip
    server.always = None
    for name, value in house.variables.items():
        monkeypatch.setenv(name, value)
    year, owner, _ = others[-1].split("/")
    originals = load(OriginalsSettings).originals
    await originals.destroy(int(year), UUID(owner))
    with pytest.raises(NoSuchBlob):
        await originals.get(BlobKey(others[-1]))
    assert not [name for name in [*house.names(), *await house.there()] if owner in name]
    found = await house.blobs("check")
    assert (found.exit_code, f"away: {others[-1]}" in found.output) == (1, True)


async def test_what_a_killed_move_wrote_of_an_erased_letter_goes_with_the_next(
    house: House,
) -> None:
    assert (await house.blobs("move")).exit_code == 0
    year, owner, _ = house.names()[0].split("/")
    shutil.rmtree(house.folder / year / owner)
    async with one_transaction(house.month.url) as connection:
        await connection.execute(
            "INSERT INTO desk.erasures (year, owner, why, asked_at, done_at)"
            " VALUES ($1, $2, 'withdrawn', now(), now())",
            int(year), UUID(owner),
        )  # fmt: skip
    assert [name for name in await house.there() if owner in name], "what the killed one left"
    moved = await house.blobs("move")
    assert (moved.exit_code, await house.there()) == (0, house.names()), moved.output


async def test_objects_of_a_bucket_are_encrypted_counted_by_key_and_put_under_another(
    house: House,
) -> None:
    old, new = ReadingKey.new("2026"), ReadingKey.new("2027")
    ring = Keyring({"2026": old, "2027": new}, old.writing)
    await house.blobs("move", "--remove")
    assert (await house.blobs("keys", keyring=ring)).output == "in clear: 10 files\n"
    done = await house.blobs("encrypt", keyring=ring)
    assert (done.exit_code, done.output.splitlines()[-1]) == (
        0, f"10 files encrypted, 0 put under key {old.writing.id}, 0 were so already.",
    )  # fmt: skip
    later = Keyring(ring.keys, new.writing)
    again = await house.blobs("encrypt", "--rewrap", keyring=later)
    assert again.output.endswith(
        f"0 files encrypted, 10 put under key {new.writing.id}, 0 were so already.\n"
    ), again.output
    assert (await house.blobs("keys", keyring=ring)).output == (
        f"{new.writing.id}: 10 files\nin clear: 0 files\n"
    )


async def test_a_backup_takes_what_the_bucket_has(house: House, tmp_path: Path) -> None:
    names = house.names()
    before = {name: (house.folder / name).read_bytes() for name in names}
    await house.blobs("move", "--remove")
    copied = await backup.download(house.bucket, tmp_path / "copy", IN_CLEAR)
    assert (copied.files, copied.octets) == (10, sum(map(len, before.values())))
    assert {name: (tmp_path / "copy" / name).read_bytes() for name in names} == before
    shutil.rmtree(tmp_path / "copy" / names[0].partition("/")[0])
    await house.bucket.remove(names[1:])
    await house.bucket.replace(names[0], lambda _: b"others")
    spoiled = await backup.download(house.bucket, tmp_path / "copy", IN_CLEAR)
    assert spoiled.damaged == [f"document {names[0]}: its octets are others"]
