"""Files without a row and rows without a file: found by name, and nothing is removed unasked."""

import asyncio
import os
from pathlib import Path
from uuid import uuid5

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, Keyring
from tests.desk_builders import SPACE
from tests.integration.desk.proven import Proven
from tests.roles import one_transaction

YESTERDAY = 2 * 86_400
OF_NOBODY = str(uuid5(SPACE, "of nobody"))


async def checked(month: Proven, *more: str) -> Result:
    return await blobs(month, "check", *more)


async def blobs(month: Proven, *words: str, keyring: Keyring = IN_CLEAR) -> Result:
    environment = {
        "VAGUEMESTRE_DATABASE_URL": month.url, "VAGUEMESTRE_BLOBS": str(month.folder),
        "VAGUEMESTRE_DATA": "/nonexistent", "VAGUEMESTRE_KEYRING": keyring.text,
    }  # fmt: skip
    run, typed = CliRunner().invoke, ["blobs", *words]
    return await asyncio.to_thread(run, main, typed, env=environment, catch_exceptions=False)


def aged(path: Path, seconds: int = YESTERDAY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))
    return path


async def test_what_has_no_row_or_no_file_is_named_and_removed_only_when_asked(
    month: Proven,
) -> None:
    whole = await checked(month)
    assert (whole.exit_code, whole.output.partition(" (")[0]) == (0, "10 files"), whole.output
    assert "10 named by rows: 0 that no row names (0.0 MB), 0 away." in whole.output

    away, erased = sorted(month.folder.glob("2026/*"))[:2]
    orphan = aged(month.folder / "2026" / OF_NOBODY / ("a" * 64))
    half = aged(month.folder / "2026" / OF_NOBODY / ".b.part")
    young = aged(month.folder / "2026" / str(uuid5(SPACE, "young")) / ("c" * 64), seconds=60)
    gone = sorted(away.iterdir())
    for path in [*gone, *erased.iterdir()]:
        path.unlink()
    async with one_transaction(month.url) as owner:
        await owner.execute(
            "INSERT INTO desk.erasures (year, owner, why, asked_at, done_at)"
            " VALUES (2026, $1, 'withdrawn', now(), now())",
            erased.name,
        )

    found = await checked(month)
    assert found.exit_code == 1
    lines = found.output.splitlines()
    assert sorted(lines[:2]) == [
        f"no row names: {path.relative_to(month.folder)}" for path in (half, orphan)
    ]
    assert lines[2:4] == [f"away: {path.relative_to(month.folder)}" for path in gone]
    assert "2 that no row names" in lines[4]
    assert orphan.exists()
    assert half.exists()

    declined = await checked(month, "--remove")  # nobody is there to say yes
    assert (declined.exit_code, orphan.exists()) == (1, True)
    removed = await checked(month, "--remove", "--yes")
    assert removed.exit_code == 1, "what is away still is"
    assert removed.output.endswith("2 files removed.\n")
    assert not orphan.parent.exists()
    assert young.exists()
    assert "0 that no row names" in (await checked(month)).output


@pytest.mark.parametrize(
    ("days", "orphans"), [(None, 0), (0, 0), (2, 1)], ids=["about to go", "gone today", "left"]
)
async def test_a_file_that_stands_a_day_after_its_erasure_is_one_too_many(
    month: Proven, days: int | None, orphans: int
) -> None:
    aged(month.folder / "2026" / OF_NOBODY / ("a" * 64))
    async with one_transaction(month.url) as owner:
        await owner.execute(
            "INSERT INTO desk.erasures (year, owner, why, asked_at, done_at)"
            " VALUES (2026, $1, 'withdrawn', now(), now() - $2 * interval '1 day')",
            OF_NOBODY,
            days,
        )
    assert f"{orphans} that no row names" in (await checked(month)).output


async def test_originals_are_encrypted_by_a_command_that_says_what_is_left(month: Proven) -> None:
    old, new = ReadingKey.new("2026"), ReadingKey.new("2027")
    ring = Keyring({"2026": old, "2027": new}, old.writing)
    refused = await blobs(month, "encrypt")
    assert (refused.exit_code, "No key of VAGUEMESTRE_KEYRING writes" in refused.output) == (
        1,
        True,
    )
    assert (await blobs(month, "keys", keyring=ring)).output == "in clear: 10 files\n"
    damaged, *_ = sorted(path for path in month.folder.rglob("*") if path.is_file())
    before = damaged.read_bytes()
    damaged.write_bytes(b"others")
    done = await blobs(month, "encrypt", keyring=ring)
    assert done.exit_code == 1
    assert done.output.splitlines()[-2:] == [
        f"damaged, left as it is: {damaged.relative_to(month.folder)}",
        f"9 files encrypted, 0 put under key {old.writing.id}, 0 were so already.",
    ]
    damaged.write_bytes(before)
    killed = damaged.with_name(f".{'a' * 32}.part")
    killed.write_bytes(before[:5])
    left = await blobs(month, "encrypt", keyring=ring)
    name = killed.relative_to(month.folder)
    assert f"left in clear by a killed write: {name}\n" in left.output
    assert left.exit_code == 1
    assert (await blobs(month, "keys", keyring=ring)).output.endswith(
        "in clear: 0 files\n"
        "left in clear by killed writes: 1 files (`blobs check --remove` removes them)\n"
    )
    killed.unlink()
    assert (await blobs(month, "encrypt", keyring=ring)).exit_code == 0
    later = Keyring(ring.keys, new.writing)
    assert (await blobs(month, "encrypt", "--rewrap", keyring=later)).output.endswith(
        f"0 files encrypted, 10 put under key {new.writing.id}, 0 were so already.\n"
    )
    shredded = Keyring({"2026": old}, old.writing, frozenset({new.writing.id}))
    assert (await blobs(month, "keys", keyring=shredded)).output == (
        f"{new.writing.id}: 10 files, a key that is destroyed\nin clear: 0 files\n"
    )
    whole = await blobs(month, "check", keyring=later)
    assert (whole.exit_code, whole.output.partition(" (")[0]) == (0, "10 files"), whole.output
