"""What stands in a scan folder, how a file is copied out of it, and where it goes when it is kept.

Anybody in the préfecture may write there, over a network: links are never followed, what is no
plain file is not opened, names are used as they are and never shown in a log. Nothing is ever
deleted: a file that was kept moves to `.pris/<day>/` of the same folder, its digest in front of it.
There the whole batch stays as the copier wrote it, the proof behind the documents cut from it.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.ingest.domain.settling import Stamp, is_noise
from shared.facts.envelope import Digest

TAKEN = ".pris"
MARK = ".vaguemestre"
"""Stands in a share, so that an empty place where it should be mounted is not read as no letter."""
_DEEPEST = 3
_CHUNK = 1_000_000
_LONGEST_NAME = 200  # octets; file systems take 255 and the digest goes before


@dataclass(frozen=True, slots=True)
class Found:
    """A plain file of the folder as one pass saw it."""

    path: Path
    folders: tuple[str, ...]
    """Names of the folders between the scan folder and the file."""
    stamp: Stamp

    @property
    def name(self) -> str:
        """The name as text, whatever octets it has."""
        return os.fsencode(self.path.name).decode("utf-8", errors="replace")


def list_files(root: Path, *, share: bool = False) -> list[Found]:
    """All plain files, oldest first.

    Raises:
        OSError: the folder can't be read, or is a `share` without its mark.
    """
    if share and not (root / MARK).exists():
        raise FileNotFoundError(errno.ENOENT, f"it has no file {MARK}", os.fspath(root))
    return sorted(_walk(root, ()), key=lambda found: (found.stamp.modified, found.path))


def stamp_of(status: os.stat_result) -> Stamp:
    """The part of a status that changes with the content."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def copy_out(found: Found, target: Path, largest: int) -> Digest | None:
    """Copy a file beside us and return its SHA-256; `None` when it is no longer what was found.

    Of a file of more than `largest` octets there is only the digest, and an empty copy.

    Raises:
        OSError: it can't be read.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # neither a link nor a pipe without end
    digest = hashlib.sha256()
    with os.fdopen(os.open(found.path, flags), "rb") as source, target.open("xb") as copy:
        if stamp_of(os.fstat(source.fileno())) != found.stamp:
            return None
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            if found.stamp.size <= largest:
                copy.write(chunk)
        still = stamp_of(os.fstat(source.fileno())) == found.stamp
    return Digest(digest.hexdigest()) if still else None


def put_away(root: Path, found: Found, digest: Digest, day: date) -> bool:
    """Move a kept file to `.pris/<day>/`, at once or not at all; false when it is another by now.

    Raises:
        OSError: the folder does not let itself be written to.
    """
    try:
        if stamp_of(found.path.lstat()) != found.stamp:
            return False
    except FileNotFoundError:
        return False
    place = root
    for name in (TAKEN, day.isoformat()):
        place = place / name
        place.mkdir(exist_ok=True)
        if not stat.S_ISDIR(place.lstat().st_mode):  # a link would lead out of the folder
            raise NotADirectoryError
    name = os.fsdecode(os.fsencode(found.path.name)[-_LONGEST_NAME:])
    found.path.rename(place / f"{digest[:16]}-{name}")
    return True


def _walk(folder: Path, names: tuple[str, ...]) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_noise(entry.name):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            if stat.S_ISREG(status.st_mode):
                yield Found(Path(entry.path), names, stamp_of(status))
            elif stat.S_ISDIR(status.st_mode) and len(names) < _DEEPEST:
                yield from _walk(Path(entry.path), (*names, entry.name))
