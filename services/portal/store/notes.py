"""Notes on the disk: a deposit each that the form took while PostgreSQL was away, until it is back.

The deposit itself waits in the spool. Its note outlives it there: ingest may take the deposit in
before the register knows its number, and the page that follows it must answer meanwhile. A note is
an empty file whose name says all. Everything here blocks: call it in a thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from shared.errors import TemporaryFailure
from shared.platform import disk_space

FOLDER: Final = ".notes"
"""Below the spool; ingest passes by whatever begins with a dot."""
OF_PROGRAMS: Final = ".notes-of-programs"
"""The same of what programs deposited: it uses up nothing of what the public may send."""
_MOMENT: Final = "%Y%m%dT%H%M%S%f%z"


@dataclass(frozen=True, slots=True)
class DepositNote:
    """A note on the disk about one deposit, taken while PostgreSQL was away: id and moment."""

    deposit: UUID
    at: datetime
    by_program: bool = False

    @property
    def folder(self) -> str:
        """The folder of the note, below the spool."""
        return OF_PROGRAMS if self.by_program else FOLDER


def write(spool: Path, one: DepositNote) -> None:
    """Writes the note of a deposit; returns once it is on the disk. Twice changes nothing.

    Raises:
        TemporaryFailure: the disk is full, read-only or away.
    """
    folder = spool / one.folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / _name(one)).touch(mode=0o600)
        disk_space.sync(folder)
    except OSError as error:
        raise _trouble(folder, error) from error


def read(spool: Path) -> Sequence[DepositNote]:
    """Reads the notes of all deposits, oldest first; none when there is no folder.

    Raises:
        TemporaryFailure: the disk can't be read now.
    """
    found = [*_of(spool / FOLDER), *(replace(n, by_program=True) for n in _of(spool / OF_PROGRAMS))]
    return sorted(found, key=lambda note: (note.at, note.deposit))


def _of(folder: Path) -> Sequence[DepositNote]:
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _trouble(folder, error) from error
    return [one for name in names if (one := _read(name)) is not None]


def remove(spool: Path, notes: Iterable[DepositNote]) -> None:
    """Deletes the notes of deposits that the database has by now; twice does nothing.

    Raises:
        TemporaryFailure: the disk can't be written now.
    """
    try:
        for note in notes:
            (spool / note.folder / _name(note)).unlink(missing_ok=True)
    except OSError as error:
        raise _trouble(spool, error) from error


def _name(one: DepositNote) -> str:
    return f"{one.at.astimezone(UTC):{_MOMENT}}-{one.deposit}"


def _read(name: str) -> DepositNote | None:
    moment, _, deposit = name.partition("-")
    try:
        return DepositNote(UUID(deposit), datetime.strptime(moment, _MOMENT))  # noqa: DTZ007  (it has %z)
    except ValueError:
        return None  # nothing of ours


def _trouble(folder: Path, error: OSError) -> TemporaryFailure:
    return TemporaryFailure(f"Notes {folder}: {disk_space.advice(error)}.")
