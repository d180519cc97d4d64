"""What waits in a spool of one's own to be sent to ingest's door: deposits, sheets, refusals.

Everything here blocks: call it in a thread.
"""

import hashlib
import os
import random
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from shared.content import spool, survey_spool
from shared.content.deposit_transfer import (
    IDENTITY,
    MOST_FILES,
    SHEET,
    SHEET_NAME,
    TransferFile,
    TransferKind,
    TransferManifest,
    TransferRefused,
    file_names,
)
from shared.content.survey_stops import TOKEN
from shared.facts.envelope import Digest

_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class WaitingTransfer:
    """A deposit, sheet or refusal that waits to be sent: its kind, its name, where it lies."""

    kind: TransferKind
    name: str
    path: Path


def waiting_transfers(folder: Path) -> Sequence[WaitingTransfer]:
    """Lists what waits in a spool to be sent: deposits by their moment, then what has none.

    Sheets of the survey come in random order: the order of their coming is nobody's to know.

    Raises:
        TemporaryFailure: the spool can't be read now.
    """
    found = [
        WaitingTransfer(TransferKind.DEPOSIT, path.name, path)
        for path in spool.waiting_folders(folder)
    ]
    survey = folder / survey_spool.FOLDER
    try:
        paths = list(survey.iterdir())
    except FileNotFoundError:
        return found
    except OSError as error:
        raise spool.trouble(folder, error) from error
    random.SystemRandom().shuffle(paths)
    for path in paths:
        if path.suffix == ".json" and SHEET_NAME.fullmatch(path.stem):
            found.append(WaitingTransfer(TransferKind.SHEET, path.stem, path))
        elif path.suffix == ".stop" and TOKEN.fullmatch(path.stem):
            found.append(WaitingTransfer(TransferKind.STOP, path.stem, path))
    return found


def oldest(transfers: Sequence[WaitingTransfer]) -> datetime | None:
    """Returns the moment at which the oldest of these was written; `None`: all are gone."""
    moments = list[float]()
    for transfer in transfers:
        try:
            moments.append(transfer.path.stat().st_mtime)
        except OSError:  # sent meanwhile
            continue
    return datetime.fromtimestamp(min(moments), UTC) if moments else None


def manifest_of(transfer: WaitingTransfer) -> TransferManifest | None:
    """Reads the sizes and hashes of what waits; `None`: it was sent meanwhile.

    Raises TransferRefused: it is not whole, and waits for a person; TemporaryFailure: the disk
    can't be read now.
    """
    try:
        return TransferManifest(
            kind=transfer.kind,
            name=transfer.name,
            files=tuple(_described(path, name) for path, name in _files(transfer)),
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise spool.trouble(transfer.path, error) from error
    except ValueError:
        raise TransferRefused("damaged") from None


def octets_of(transfer: WaitingTransfer) -> Iterator[bytes]:
    """Yields the octets of what waits, piece by piece, as they lie on the disk. Raises OSError."""
    for path, _ in _files(transfer):
        with _opened(path) as file:
            while piece := file.read(_PIECE):
                yield piece


def remove(transfer: WaitingTransfer) -> None:
    """Deletes what was sent, once the door has it; twice does nothing.

    Raises TemporaryFailure: the spool can't be written to now.
    """
    if transfer.kind is TransferKind.DEPOSIT:
        spool.remove(transfer.path)
        return
    try:
        transfer.path.unlink(missing_ok=True)
    except OSError as error:
        raise spool.trouble(transfer.path, error) from error


def identity(folder: Path) -> str:
    """Returns the name of a spool into which a door writes; empty: no door does.

    Raises TemporaryFailure: the spool can't be read now.
    """
    try:
        return (folder / IDENTITY).read_text(encoding="ascii")[:64]
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise spool.trouble(folder, OSError(str(error))) from error


def _files(transfer: WaitingTransfer) -> list[tuple[Path, str]]:
    """Its files and their names, in order. Raises ValueError: some are missing; OSError."""
    match transfer.kind:
        case TransferKind.STOP:
            return []
        case TransferKind.SHEET:
            return [(transfer.path, SHEET)]
        case TransferKind.DEPOSIT:
            there = {path.name for path in transfer.path.iterdir()}
            names = file_names(transfer.kind, len(there))
            if len(there) > MOST_FILES or there != set(names):
                raise ValueError("damaged")
            return [(transfer.path / name, name) for name in names]


def _described(path: Path, name: str) -> TransferFile:
    digest, size = hashlib.sha256(), 0
    with _opened(path) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return TransferFile(name=name, size=size, sha256=Digest(digest.hexdigest()))


def _opened(path: Path) -> BinaryIO:
    """A file of ours, and nothing to which a link leads. Raises OSError, ValueError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("no file")
    return os.fdopen(descriptor, "rb")
