"""What stands in a scan folder, how a file is copied out of it, and where it goes when it is kept.

Anybody in the préfecture may write there, over a network: links are never followed, what is no
plain file is not opened, names are used as they are and never shown in a log. Nothing is ever
deleted: a file that was kept moves to `.pris/<day>/` of the same folder, its digest in front of it.
There the whole batch stays as the copier wrote it, the proof behind the documents cut from it.

What is never read is counted, by why, and said: nobody waits for a letter that lies under a name
that a program may not look at.
"""

import errno
import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from services.ingest.domain.file_stability import FileStamp, is_noise
from shared.facts.envelope import Digest

TAKEN = ".pris"
MARK = ".vaguemestre"
"""Stands in a share, so that an empty place where it should be mounted is not read as no letter."""
PREFIX = 16
"""Digits of its digest that stand before the name of a file put away."""
_DEEPEST = 3
_CHUNK = 1_000_000
_LONGEST_NAME = 200  # octets; file systems take 255 and the digest goes before


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file of a scan folder, as one look at the folder found it."""

    path: Path
    folders: tuple[str, ...]
    """Names of the folders between the scan folder and the file."""
    stamp: FileStamp

    @property
    def name(self) -> str:
        """The scan file's name as text; octets that are not UTF-8 are replaced."""
        return os.fsencode(self.path.name).decode("utf-8", errors="replace")


class Ignored(StrEnum):
    """The reasons why an entry of a scan folder is never read."""

    HIDDEN = "hidden"
    """Its name, or its folder's, begins with a dot."""
    DEEP = "deep"
    """A folder in more folders than are looked into, with something in it."""
    LOCKED = "locked"
    """A folder that does not let itself be read."""
    NO_FILE = "no_file"
    """A link, a pipe, a device."""


@dataclass(frozen=True, slots=True)
class FolderContent:
    """The content of a scan folder at one moment: files to read, and entries ignored."""

    files: list[ScanFile]
    """Plain files, oldest first."""
    ignored: Counter[Ignored] = field(default_factory=Counter)


def list_files(root: Path, *, share: bool = False) -> FolderContent:
    """Lists the files of a scan folder, oldest first, and counts the entries that are ignored.

    Raises:
        OSError: the folder can't be read, or is a `share` without its mark.
    """
    if share and not (root / MARK).exists():
        raise FileNotFoundError(errno.ENOENT, f"it has no file {MARK}", os.fspath(root))
    ignored = Counter[Ignored]()
    files = sorted(_walk(root, (), ignored), key=lambda found: (found.stamp.modified, found.path))
    return FolderContent(files, +ignored)


def stamp_of(status: os.stat_result) -> FileStamp:
    """Returns the size and times of a file, from its `stat` result."""
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def copy_out(found: ScanFile, target: Path, largest: int) -> Digest | None:
    """Copies a scanned file to this machine.

    Returns its SHA-256, or `None` if it changed meanwhile.

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


def put_away(root: Path, found: ScanFile, digest: Digest, day: date) -> Path | None:
    """Moves a stored scanned file to `.pris/<day>/` and returns its new path.

    `None` when it changed meanwhile: it stays.

    Raises:
        OSError: the folder can't be written to.
    """
    try:
        if stamp_of(found.path.lstat()) != found.stamp:
            return None
    except FileNotFoundError:
        return None
    place = root
    for name in (TAKEN, day.isoformat()):
        place = place / name
        place.mkdir(exist_ok=True)
        if not stat.S_ISDIR(place.lstat().st_mode):  # a link would lead out of the folder
            raise NotADirectoryError
    name = os.fsdecode(os.fsencode(found.path.name)[-_LONGEST_NAME:])
    place = place / f"{digest[:PREFIX]}-{name}"
    found.path.rename(place)
    return place


def _walk(folder: Path, names: tuple[str, ...], ignored: Counter[Ignored]) -> Iterator[ScanFile]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_noise(entry.name) or (not names and entry.name in {TAKEN, MARK}):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            if entry.name.startswith("."):
                ignored[Ignored.HIDDEN] += 1
            elif stat.S_ISREG(status.st_mode):
                yield ScanFile(Path(entry.path), names, stamp_of(status))
            elif not stat.S_ISDIR(status.st_mode):
                ignored[Ignored.NO_FILE] += 1
            else:
                yield from _inside(Path(entry.path), (*names, entry.name), ignored)


def _inside(folder: Path, names: tuple[str, ...], ignored: Counter[Ignored]) -> Iterator[ScanFile]:
    """A folder of the folder: one that is locked keeps nobody from the others."""
    try:
        if len(names) <= _DEEPEST:
            yield from _walk(folder, names, ignored)
        else:
            with os.scandir(folder) as entries:
                ignored[Ignored.DEEP] += any(True for _ in entries)
    except FileNotFoundError:
        pass
    except PermissionError:
        ignored[Ignored.LOCKED] += 1


def first_seen(found: ScanFile, now: datetime) -> datetime:
    """Returns the moment since which a scanned file has stood in its folder unchanged.

    The folder's server tells it (the inode's last change), but never a moment after `now`.
    """
    appeared = datetime.fromtimestamp(found.stamp.changed / 1e9, UTC)
    return min(appeared, now)
