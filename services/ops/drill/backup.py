"""Base and files of a register: copied while it runs, brought back elsewhere."""

import asyncio
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform import disk_space

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


def copy(source: Path, to: Path, *, by_hash: bool = False) -> Copied:
    """Copies all files below a folder for a backup; vanished ones are left out.

    Blocks the calling thread.

    Args:
        source: the folder, which others may write to; nothing is copied when it is not there.
        to: where the copy stands.
        by_hash: the name of each file is the SHA-256 of its octets.

    Raises:
        TemporaryFailure: a disk is full or away.
    """
    files = octets = 0
    damaged = list[str]()
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in _files(source):
            target = to / path.relative_to(source)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                digest, size = _copy_one(path, target)
            except FileNotFoundError:
                continue
            files += 1
            octets += size
            if by_hash and digest != path.name:
                damaged.append(f"document {path.relative_to(source)}: its octets are others")
    except OSError as error:
        raise TemporaryFailure(f"{error.filename or to}: {disk_space.advice(error)}.") from error
    return Copied(files, octets, damaged)


def size(folder: Path) -> int:
    """Returns the size in octets of all files below a folder; blocks the calling thread.

    Without the folder it is 0.
    """
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _files(source: Path) -> Iterator[Path]:
    if not source.exists():
        return
    for folder, _, names in os.walk(source):
        for name in names:
            path = Path(folder) / name
            if not name.endswith(_PART) and path.is_file() and not path.is_symlink():
                yield path


def _copy_one(path: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file, target.open("xb") as copied:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += copied.write(chunk)
    return digest.hexdigest(), size


async def _run(programs: Path | None, name: str, url: SecretStr, words: tuple[str, ...]) -> None:
    program = name if programs is None else str(programs / name)
    address, secret = _without_password(url)
    environment = {**os.environ, "PGTZ": "UTC", **({"PGPASSWORD": secret} if secret else {})}
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
