"""Base and files of a register: copied while it runs, brought back elsewhere."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from shared.content.blobs import NoSuchBlob
from shared.content.encryption import key_id
from shared.content.keyring import KeyDestroyed, Keyring
from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform import disk_space
from shared.platform.settings import PREFIX

if TYPE_CHECKING:
    from shared.content.bucket import BucketBlobs

_SAID: Final = 500
"""Letters of what a program of PostgreSQL says when it fails."""
_PART: Final = ".part"
"""How the name of a file ends that is not whole yet."""
_CHUNK: Final = 1 << 20
_AT_ONCE: Final = "2"
"""Tables at a time: the register works beside."""


@dataclass(frozen=True, slots=True)
class Copied:
    """The number of files that a backup copied, their octets, and the damaged ones."""

    files: int = 0
    octets: int = 0
    damaged: Sequence[str] = ()
    """Of those whose name is their hash: what has other octets."""
    keys: Mapping[str, int] = field(default_factory=dict)
    """Files by the id of the key that each is encrypted with; the others lie in clear."""

    def together(self, other: "Copied") -> "Copied":
        """Returns the sums of two copies into one folder."""
        keys = Counter(self.keys) + Counter(other.keys)
        damaged = [*self.damaged, *other.damaged]
        return Copied(self.files + other.files, self.octets + other.octets, damaged, keys)


async def dump(programs: Path | None, url: SecretStr, snapshot: str, to: Path) -> None:
    """Dumps the database, as a snapshot sees it, into a folder, by pg_dump.

    Raises:
        PermanentFailure: the program is missing, or says why it can't.
    """
    words = ("--format=directory", f"--snapshot={snapshot}", f"--jobs={_AT_ONCE}", f"--file={to}")
    await _run(programs, "pg_dump", url, words)


async def restore(programs: Path | None, url: SecretStr, dumped: Path) -> None:
    """Restores a dumped database into an empty one, with each role's rights, by pg_restore.

    Raises:
        PermanentFailure: the program is missing, or says why it can't.
    """
    words = ("--no-owner", "--exit-on-error", f"--jobs={_AT_ONCE}", str(dumped))
    await _run(programs, "pg_restore", url, words)


def copy(source: Path, to: Path, *, by_hash: Keyring | None = None) -> Copied:
    """Copies all files below a folder for a backup; vanished ones are left out.

    Blocks the calling thread.

    Args:
        source: the folder, which others may write to; nothing is copied when it is not there.
        to: where the copy stands.
        by_hash: opens the copies; the name of each file is the SHA-256 of its content.

    Raises:
        TemporaryFailure: a disk is full or away, or a file is encrypted and its key is missing.
    """
    files = octets = 0
    damaged, keys = list[str](), Counter[str]()
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in _files(source):
            target = to / path.relative_to(source)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                size = _copy_one(path, target)
            except FileNotFoundError:
                continue
            files += 1
            octets += size
            if by_hash is not None and (wrong := _wrong(target, by_hash)):
                damaged.append(f"document {path.relative_to(source)}: {wrong}")
            else:
                keys.update(_key_ids(target))
    except OSError as error:
        raise TemporaryFailure(f"{error.filename or to}: {disk_space.advice(error)}.") from error
    return Copied(files, octets, damaged, keys)


async def download(bucket: "BucketBlobs", to: Path, keyring: Keyring) -> Copied:
    """Copies all objects of a bucket into a folder for a backup, as they lie there.

    Those that vanish meanwhile are left out; what the folder has already is not copied again.

    Raises:
        TemporaryFailure: the bucket or the disk is away, or a key is missing.
    """
    octets, copies = 0, list[Path]()
    try:
        async for file in bucket.files():
            target = to / file.name
            try:
                raw = await bucket.octets(file.name)
            except NoSuchBlob:
                continue
            if not target.exists():
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                target.write_bytes(raw)
                octets += len(raw)
                copies.append(target)
        return await asyncio.to_thread(_proven, copies, octets, to, keyring)
    except OSError as error:
        raise TemporaryFailure(f"{error.filename or to}: {disk_space.advice(error)}.") from error


def size(folder: Path) -> int:
    """Returns the size in octets of all files below a folder; blocks the calling thread.

    Without the folder it is 0.
    """
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _proven(copies: Sequence[Path], octets: int, to: Path, keyring: Keyring) -> Copied:
    damaged, keys = list[str](), Counter[str]()
    for target in copies:
        if wrong := _wrong(target, keyring):
            damaged.append(f"document {target.relative_to(to)}: {wrong}")
        else:
            keys.update(_key_ids(target))
    return Copied(len(copies), octets, damaged, keys)


def _files(source: Path) -> Iterator[Path]:
    if not source.exists():
        return
    for folder, _, names in os.walk(source):
        for name in names:
            path = Path(folder) / name
            if not name.endswith(_PART) and path.is_file() and not path.is_symlink():
                yield path


def _copy_one(path: Path, target: Path) -> int:
    size = 0
    with path.open("rb") as file, target.open("xb") as copied:
        while chunk := file.read(_CHUNK):
            size += copied.write(chunk)
    return size


def _wrong(path: Path, keyring: Keyring) -> str:
    try:
        return "" if keyring.holds(path, path.name) else "its octets are others"
    except KeyDestroyed:
        return "its key was destroyed"


def _key_ids(path: Path) -> Sequence[str]:
    found = key_id(path)
    return [] if found is None else [found]


async def _run(programs: Path | None, name: str, url: SecretStr, words: tuple[str, ...]) -> None:
    program = name if programs is None else str(programs / name)
    address, secret = _without_password(url)
    # Neither keys nor secrets of ours: it is given its password alone.
    given = {name: word for name, word in os.environ.items() if not name.startswith(PREFIX)}
    environment = {**given, "PGTZ": "UTC", **({"PGPASSWORD": secret} if secret else {})}
    try:
        child = await asyncio.create_subprocess_exec(
            program, f"--dbname={address}", *words, env=environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise PermanentFailure(
            f"{program} can't be run ({error.strerror}): install the client programs of the "
            "server's version of PostgreSQL, or say their folder by --programs."
        ) from error
    try:
        _, said = await child.communicate()
    except asyncio.CancelledError:
        child.terminate()
        await child.wait()
        raise
    if child.returncode:
        lines = said.decode("utf-8", "replace").strip()
        raise PermanentFailure(f"{name} failed: {lines[:_SAID]}")


def _without_password(url: SecretStr) -> tuple[str, str | None]:
    """The address as a program may be given it, for others see its words; and the password."""
    parts = urlsplit(url.get_secret_value())
    user, _, place = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    netloc = f"{name}@{place}" if name else place
    return parts._replace(netloc=netloc).geturl(), unquote(password) or None
