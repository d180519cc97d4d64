"""A transfer as it comes in at ingest's door: files first, rename last, and only then an answer.

    .<hex>.part/          each file written, flushed, its SHA-256 compared
    <moment>-<id>         renamed, the spool flushed: from here on it is ingest's
    .received/<id>        so that whoever did not hear the answer is answered, and not taken twice

Killed between any two, what is there is either swept after a day and sent again, or there once: an
arrival's id follows from the deposit's. Everything here blocks: call it in a thread.
"""

import hashlib
import os
import shutil
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Self
from uuid import UUID, uuid4

from shared.content import spool, spool_files, survey_spool, survey_stops
from shared.content.deposit_transfer import (
    DEPOSITS,
    IDENTITY,
    KINDS,
    Depositor,
    TransferFile,
    TransferKind,
    TransferManifest,
    TransferRefused,
)
from shared.content.keyring import KeyDestroyed, KeyMissing, Keyring
from shared.errors import PermanentFailure
from shared.platform import disk_space

RECEIVED: Final = ".received"
"""Folder of the ids that were taken in, below the spool."""
KEPT: Final = timedelta(days=30)
"""For so long an id is known, whatever became of its deposit."""


def identity(folder: Path) -> str:
    """Returns the name of the spool that a door writes to, made at the first call.

    Raises TemporaryFailure: the disk is full, read-only or away.
    """
    path = folder / IDENTITY
    part = folder / f".{uuid4().hex}{spool_files.PART}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            spool_files.write(part, uuid4().hex.encode(), None)
            with suppress(FileExistsError):
                path.hardlink_to(part)
            part.unlink()
            disk_space.sync(folder)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise spool.trouble(folder, error) from error


class IncomingTransfer:
    """A transfer that is being received: what comes is written, then placed or abandoned.

    A context manager: what was not placed at its end is deleted.
    """

    def __init__(
        self, folder: Path, keyring: Keyring, manifest: TransferManifest, depositor: Depositor
    ) -> None:
        """Opens it; writes nothing yet. Raises TransferRefused: not its sender's to send."""
        if manifest.kind not in KINDS[depositor]:
            raise TransferRefused("kind")
        self._spool, self._keyring, self._manifest = folder, keyring, manifest
        self._depositor = depositor
        self._part = folder / f".{uuid4().hex}{spool_files.PART}"
        self._todo = iter(manifest.files)
        self._entry: TransferFile | None = None
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._left = 0
        # Whoever was cancelled ends it while a thread of its own still writes or places.
        self._lock = threading.Lock()
        self._ended = self._placed = False

    def __enter__(self) -> Self:
        """Makes the folder of what is not whole yet. Raises TemporaryFailure."""
        try:
            self._part.mkdir(mode=spool_files.folder_mode(self._spool))
        except OSError as error:
            raise spool.trouble(self._spool, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            if self._file is not None:
                with suppress(OSError):
                    self._file.close()
            if not self._placed:
                shutil.rmtree(self._part, ignore_errors=True)

    def write(self, octets: bytes) -> None:
        """Writes the next octets of its files.

        Raises TransferRefused: they are not those that the manifest announced; TemporaryFailure:
        the disk is full, read-only or away.
        """
        with self._lock:
            self._refuse_ended()
            self._write(memoryview(octets))

    def _refuse_ended(self) -> None:
        if self._ended:
            raise TransferRefused("cut")

    def _write(self, view: memoryview) -> None:
        try:
            while view:
                if self._left == 0 and not self._next():
                    raise TransferRefused("size")
                if self._file is None or self._left == 0:
                    continue
                part = view[: self._left]
                self._file.write(part)
                self._digest.update(part)
                self._left -= len(part)
                view = view[len(part) :]
        except OSError as error:
            raise spool.trouble(self._spool, error) from error

    def place(self) -> bool:
        """Gives it to whoever reads the spool; returns once it is on the disk.

        Returns whether it is new: one that was taken in before is not put there again. Raises
        TransferRefused: it is not whole, not what it says, or not its sender's to send;
        TemporaryFailure: the disk is full, read-only or away.
        """
        with self._lock:
            self._refuse_ended()
            try:
                while self._left == 0:
                    if not self._next():
                        break
                if self._left:
                    raise TransferRefused("size")
                return self._put()
            except OSError as error:
                raise spool.trouble(self._spool, error) from error

    def _next(self) -> bool:
        """Ends the file in hand and begins the next one; `False`: there is none."""
        if self._file is not None and self._entry is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            if self._digest.hexdigest() != self._entry.sha256:
                raise TransferRefused("digest")
        self._entry = next(self._todo, None)
        if self._entry is None:
            return False
        self._file = (self._part / self._entry.name).open("xb")
        self._digest, self._left = hashlib.sha256(), self._entry.size
        return True

    def _put(self) -> bool:
        name = self._manifest.name
        match self._manifest.kind:
            case TransferKind.STOP:
                survey_stops.put(self._spool, name)
                return True
            case TransferKind.SHEET:
                # No trace of its own: when a sheet came is nobody's to know.
                (file,) = self._part.iterdir()
                survey_spool.put_octets(self._spool, UUID(name), file.read_bytes())
                return True
            case TransferKind.DEPOSIT:
                return self._put_deposit(self._manifest.deposit)

    def _put_deposit(self, deposit: str) -> bool:
        self._judge(deposit)
        received = self._spool / RECEIVED
        new = not (received / deposit).exists()
        if new and not any(self._spool.glob(f"*-{deposit}")):
            disk_space.sync(self._part)
            spool_files.place(self._part, self._spool / self._manifest.name)
            self._placed = True
        # Also of what was there: who put it may have been killed before the disk had its name.
        disk_space.sync(self._spool)
        if new:
            received.mkdir(mode=0o700, exist_ok=True)
            (received / deposit).touch()
            disk_space.sync(received)
        return new

    def _judge(self, deposit: str) -> None:
        """Raises TransferRefused: it is another deposit than it says, or not its sender's.

        What does not open here opens for nobody yet, and waits as it would in a shared folder.
        """
        try:
            what = spool.read_description(self._part, self._keyring)
        except (KeyMissing, KeyDestroyed):
            return
        except PermanentFailure:
            raise TransferRefused("deposit") from None
        if what.kind not in DEPOSITS[self._depositor]:
            raise TransferRefused("kind")
        if str(what.id) != deposit:
            raise TransferRefused("name")


def forget_received(folder: Path, now: datetime) -> None:
    """Forgets the ids that were taken in more than thirty days ago.

    Raises TemporaryFailure: the disk can't be read or written now.
    """
    before = (now - KEPT).timestamp()
    try:
        for path in (folder / RECEIVED).iterdir():
            if path.lstat().st_mtime < before:
                path.unlink(missing_ok=True)
    except FileNotFoundError:
        return
    except OSError as error:
        raise spool.trouble(folder, error) from error
