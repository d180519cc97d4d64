"""Which deposit an idempotency key named first, on the disk: also while PostgreSQL is away.

A file each below the spool, whose name follows from key and word, and which holds the id of the
deposit and the digest of what was said: it appears whole or not at all, so that of two requests at
once one is the first. Everything here blocks: call it in a thread.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self
from uuid import UUID, uuid4

from shared.errors import TemporaryFailure
from shared.facts.envelope import Digest
from shared.platform import disk_space

FOLDER: Final = ".named"
"""Below the spool; ingest passes by whatever begins with a dot."""
KEPT: Final = timedelta(days=30)
"""So long another deposit under the same key is refused."""


@dataclass(frozen=True, slots=True)
class NamedDeposit:
    """The deposit that was stored for an idempotency key: its id, and the digest of its content."""

    deposit: UUID
    said: Digest

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses the text of the file that stores it. Raises ValueError."""
        deposit, _, said = text.partition(" ")
        return cls(UUID(deposit), Digest(said))

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.deposit} {self.said}"


def first(spool: Path, name: UUID, named: NamedDeposit) -> NamedDeposit:
    """Stores which deposit an idempotency key stands for; returns the one that was stored first.

    Raises:
        TemporaryFailure: the disk is full, read-only or away.
    """
    folder = spool / FOLDER
    part = folder / f".{uuid4()}"
    try:
        _make(spool, folder)
        try:
            with part.open("x") as file:
                file.write(str(named))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(part, folder / str(name))
        finally:
            part.unlink(missing_ok=True)
        disk_space.sync(folder)
        return NamedDeposit.parse((folder / str(name)).read_text())
    except (OSError, ValueError) as error:
        raise _trouble(folder, error) from error


def named_deposit(spool: Path, name: UUID) -> NamedDeposit | None:
    """Returns the deposit that an idempotency key stands for; `None`: none yet, or long ago.

    Raises:
        TemporaryFailure: the disk can't be read now.
    """
    try:
        return NamedDeposit.parse((spool / FOLDER / str(name)).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _trouble(spool / FOLDER, error) from error


def forget(spool: Path, before: datetime) -> int:
    """Deletes what was stored of idempotency keys before a moment, by the disk's clock.

    Returns how many.

    Raises:
        TemporaryFailure: the disk can't be read or written now.
    """
    folder, gone = spool / FOLDER, 0
    try:
        for path in folder.iterdir():
            if path.lstat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                gone += 1
    except FileNotFoundError:
        return gone
    except OSError as error:
        raise _trouble(folder, error) from error
    return gone


def _make(spool: Path, folder: Path) -> None:
    """Makes both, each with its own mode and on the disk in its parent; nothing when there."""
    for made in (spool, folder):
        if not made.exists():
            made.mkdir(mode=0o700, parents=made is spool, exist_ok=True)
            disk_space.sync(made.parent)


def _trouble(folder: Path, error: Exception) -> TemporaryFailure:
    said = disk_space.advice(error) if isinstance(error, OSError) else error
    return TemporaryFailure(f"Names of deposits {folder}: {said}.")
