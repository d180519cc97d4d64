"""What lies in clear is encrypted while all is read, whenever the work is killed."""

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.ops.blobs import turnover
from shared.content import at_rest, blobs
from shared.content.blobs import LocalBlobs
from shared.content.encryption import MAGIC, ReadingKey
from shared.content.keyring import IN_CLEAR, KeyMissing, Keyring
from shared.errors import Refused
from shared.facts.envelope import BlobKey

OLD, NEW = ReadingKey.new("2026"), ReadingKey.new("2027")
READS = Keyring({"2026": OLD, "2027": NEW})
WRITES_OLD = Keyring(READS.keys, OLD.writing)
WRITES_NEW = Keyring(READS.keys, NEW.writing)
CONTENTS = [f"Monsieur le préfet, {number}".encode() for number in range(150)]


async def stored(folder: Path, ring: Keyring, contents: list[bytes]) -> list[BlobKey]:
    store = LocalBlobs(folder, ring)
    return [await store.put(2026, UUID(int=n), content) for n, content in enumerate(contents)]


def octets(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def nobody(done: int) -> None:
    del done


async def test_every_file_is_encrypted_and_read_as_before(tmp_path: Path) -> None:
    keys = await stored(tmp_path, IN_CLEAR, CONTENTS)
    assert at_rest.files_at_rest(tmp_path, READS) == at_rest.FilesAtRest(150, {})
    done = turnover.encrypt(tmp_path, WRITES_OLD, nobody)
    assert (done.encrypted, done.rewrapped, done.before, done.damaged) == (150, 0, 0, [])
    assert b"Monsieur" not in octets(tmp_path)
    assert [await LocalBlobs(tmp_path, READS).get(key) for key in keys] == CONTENTS
    found = at_rest.files_at_rest(tmp_path, READS)
    assert found == at_rest.FilesAtRest(0, {OLD.writing.id: 150})
    assert found.sentence(WRITES_OLD) == (
        f"encrypted at rest: key {OLD.writing.id}, 0 files still in clear"
    )
    assert found.sentence(WRITES_NEW) == (
        f"encrypted at rest: key {NEW.writing.id}, 0 files still in clear,"
        f" 150 under {OLD.writing.id}"
    )
    again = turnover.encrypt(tmp_path, WRITES_OLD, nobody)
    assert (again.encrypted, again.before) == (0, 150)


async def test_files_of_another_key_are_put_under_the_one_that_writes(tmp_path: Path) -> None:
    keys = await stored(tmp_path, WRITES_OLD, CONTENTS[:3])
    before = {path: path.read_bytes()[103:] for path in at_rest.blob_paths(tmp_path)}
    assert turnover.encrypt(tmp_path, WRITES_NEW, nobody).before == 3
    assert turnover.encrypt(tmp_path, WRITES_NEW, nobody, rewrap=True).rewrapped == 3
    alone = Keyring({"2027": NEW})
    assert [await LocalBlobs(tmp_path, alone).get(key) for key in keys] == CONTENTS[:3]
    # 8 + 1 + 1 + 13 of the id + 80: what follows are the chunks, which nobody wrote anew.
    after = {path: path.read_bytes()[103:] for path in at_rest.blob_paths(tmp_path)}
    assert after == before
    with pytest.raises(KeyMissing):
        await LocalBlobs(tmp_path, Keyring({"2026": OLD})).get(keys[0])


async def test_what_is_damaged_is_named_and_left(tmp_path: Path) -> None:
    (key,) = await stored(tmp_path, IN_CLEAR, CONTENTS[:1])
    (tmp_path / key).write_bytes(b"others")
    done = turnover.encrypt(tmp_path, WRITES_OLD, nobody)
    assert (done.encrypted, done.damaged) == (0, [key])
    assert (tmp_path / key).read_bytes() == b"others"


async def test_what_a_stranger_made_to_look_encrypted_is_encrypted(tmp_path: Path) -> None:
    content = MAGIC + b"\x01\x0d2026-aaaaaaaa" + bytes(99)
    (key,) = await stored(tmp_path, IN_CLEAR, [content])
    assert at_rest.files_at_rest(tmp_path, READS).clear == 1
    assert turnover.encrypt(tmp_path, WRITES_OLD, nobody).encrypted == 1
    assert at_rest.files_at_rest(tmp_path, READS).clear == 0
    assert await LocalBlobs(tmp_path, READS).get(key) == content


async def test_what_names_a_key_of_ours_and_lies_in_clear_is_encrypted(tmp_path: Path) -> None:
    """A stranger who has seen the key's id: what it does not open is judged by its hash."""
    name = OLD.writing.id.encode()
    content = MAGIC + bytes([1, len(name)]) + name + bytes(99)
    (key,) = await stored(tmp_path, IN_CLEAR, [content])
    assert at_rest.files_at_rest(tmp_path, READS) == at_rest.FilesAtRest(1, {})
    done = turnover.encrypt(tmp_path, WRITES_OLD, nobody)
    assert (done.encrypted, done.before, done.damaged) == (1, 0, [])
    assert at_rest.files_at_rest(tmp_path, READS) == at_rest.FilesAtRest(0, {OLD.writing.id: 1})
    assert await LocalBlobs(tmp_path, READS).get(key) == content


async def test_what_a_killed_write_left_in_clear_is_counted_and_named(tmp_path: Path) -> None:
    (key,) = await stored(tmp_path, WRITES_OLD, CONTENTS[:1])
    in_clear, in_cipher, empty, other = (
        (tmp_path / key).with_name(name)
        for name in (*(f".{sign * 32}.part" for sign in "abc"), ".nfs0001")
    )
    in_clear.write_bytes(b"Monsieur le pr")
    in_cipher.write_bytes(OLD.writing.encrypt(b"Madame la ministre"))
    empty.touch()
    other.write_bytes(b"no write of ours")
    found = at_rest.files_at_rest(tmp_path, READS)
    assert found == at_rest.FilesAtRest(0, {OLD.writing.id: 1}, remains=1)
    assert found.sentence(WRITES_OLD) == (
        f"encrypted at rest: key {OLD.writing.id}, 1 files still in clear"
        " (1 left by killed writes: `vaguemestre blobs check --remove`)"
    )
    done = turnover.encrypt(tmp_path, WRITES_OLD, nobody)
    assert done.remains == [str(in_clear.relative_to(tmp_path))]


async def test_nothing_is_encrypted_twice_by_two_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = await stored(tmp_path, IN_CLEAR, CONTENTS[:5])
    take = blobs.replace_files

    def after_another(files: Mapping[Path, Iterable[bytes]]) -> int:
        monkeypatch.setattr(turnover, "replace_files", take)
        turnover.encrypt(tmp_path, WRITES_OLD, nobody)
        return take(files)

    monkeypatch.setattr(turnover, "replace_files", after_another)
    assert turnover.encrypt(tmp_path, WRITES_OLD, nobody).encrypted == 0
    assert [await LocalBlobs(tmp_path, READS).get(key) for key in keys] == CONTENTS[:5]


async def test_what_is_erased_meanwhile_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(tmp_path, IN_CLEAR, CONTENTS[:3])
    take = blobs.replace_files

    def after_the_erasing(files: Mapping[Path, Iterable[bytes]]) -> int:
        shutil.rmtree(tmp_path / "2026" / str(UUID(int=1)), ignore_errors=True)
        return take(files)

    monkeypatch.setattr(turnover, "replace_files", after_the_erasing)
    assert turnover.encrypt(tmp_path, WRITES_OLD, nobody).encrypted == 2
    assert not (tmp_path / "2026" / str(UUID(int=1))).exists()


@pytest.mark.parametrize("when", ["_flush", "_take_place"])
async def test_an_arrival_erased_beside_it_is_no_failure_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Before the new files are flushed, and before the folders that hold them are."""
    await stored(tmp_path, IN_CLEAR, CONTENTS[:3])
    step, erased = getattr(blobs, when), tmp_path / "2026" / str(UUID(int=1))

    def beside(*words: Any, **more: Any) -> Any:
        shutil.rmtree(erased, ignore_errors=True)
        return step(*words, **more)

    monkeypatch.setattr(blobs, when, beside)
    assert turnover.encrypt(tmp_path, WRITES_OLD, nobody).encrypted == 2
    assert not erased.exists()


async def test_a_damaged_header_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    keys = await stored(tmp_path, WRITES_OLD, CONTENTS[:3])
    path = tmp_path / keys[1]
    whole = bytearray(path.read_bytes())
    whole[60] ^= 1  # of the wrapped key: the file's id still names a key of ours
    path.write_bytes(whole)
    done = turnover.encrypt(tmp_path, WRITES_NEW, nobody, rewrap=True)
    assert (done.rewrapped, done.damaged) == (2, [keys[1]])
    assert path.read_bytes() == whole


def test_without_a_key_that_writes_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No key of VAGUEMESTRE_KEYRING writes"):
        turnover.encrypt(tmp_path, READS, nobody)


KILLED = """
import os, sys
from pathlib import Path
from services.ops.blobs import turnover
from shared.content import blobs
from shared.content.keyring import Keyring

at = int(sys.argv[2])

class Dying:
    def __init__(self, take): self.take, self.calls = take, 0
    def __call__(self, *words, **more):
        self.calls += 1
        if self.calls == at:
            os.kill(os.getpid(), 9)
        return self.take(*words, **more)

setattr(blobs, sys.argv[3], Dying(getattr(blobs, sys.argv[3])))
turnover.encrypt(Path(sys.argv[1]), Keyring.parse(sys.stdin.read()), lambda done: None)
"""


@pytest.mark.parametrize(
    ("at", "step"), [(1, "_write"), (30, "_write"), (1, "_flush"), (3, "_flush"), (2, "_flush"),
                     (1, "_take_place"), (40, "_take_place")],
)  # fmt: skip
async def test_killed_at_any_step_it_goes_on_where_it_was(
    tmp_path: Path, at: int, step: str
) -> None:
    folder = tmp_path / "blobs"
    keys = await stored(folder, IN_CLEAR, CONTENTS)
    program = [sys.executable, "-c", KILLED, str(folder), str(at), step]
    killed = await asyncio.to_thread(
        subprocess.run, program, input=WRITES_OLD.text, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert [await LocalBlobs(folder, READS).get(key) for key in keys] == CONTENTS
    left = at_rest.files_at_rest(folder, READS)
    assert left.clear + left.keys.get(OLD.writing.id, 0) == 150
    assert turnover.encrypt(folder, WRITES_OLD, nobody).encrypted == left.clear > 0
    assert b"Monsieur" not in octets(folder)
    assert [await LocalBlobs(folder, READS).get(key) for key in keys] == CONTENTS
    for path in folder.rglob("*.part"):
        assert path.stat().st_size < 1_000, "a remainder, which `blobs check` names"
        assert sha256(path.read_bytes()).hexdigest() not in {key[-64:] for key in keys}


async def test_an_account_that_does_not_own_the_folder_encrypts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(tmp_path, IN_CLEAR, CONTENTS)
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(Refused, match="as its owner"):
        turnover.encrypt(tmp_path, WRITES_OLD, nobody)
    assert at_rest.files_at_rest(tmp_path, READS) == at_rest.FilesAtRest(150, {})
