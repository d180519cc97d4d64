"""What was put away is looked at again, and comes back when it changed after it was read.

A file may look whole and still be written to: a TIFF after each of its pages, one whose length was
set first, a writer that pauses or writes again in place. Its writer goes on after the file moved,
and nobody would read what it writes. So for the site's time after the move the file is watched; it
is read whole once more at the end, for the times of a share can't be trusted. A digest that is not
the one in its name brings it back into the folder, as another file.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from services.ingest.domain.file_stability import FileStamp, StabilityLimits, may_read
from services.ingest.scan_files import PREFIX, TAKEN, stamp_of
from shared.platform.observability.logs import Log

log = Log("scans")
_CHUNK = 1_000_000


@dataclass(slots=True)
class _Away:
    """A file that was put away, as it is watched."""

    folders: tuple[str, ...]
    until: float
    """Monotonic seconds."""
    stamp: FileStamp
    since: float
    """Monotonic seconds since which it has not changed."""
    changed: bool = False
    """Since its octets were last looked at."""


class PutAway:
    """The watch over scanned files that were moved to `.pris`; changed ones are brought back.

    Its methods block the calling thread.
    """

    def __init__(self, root: Path, source: str, patience: StabilityLimits) -> None:
        self._root = root
        self._source = source
        self._patience = patience
        self._away: dict[Path, _Away] = {}
        self.came_back = 0
        """Files that changed, since the folder was opened."""

    def remember(self, path: Path, folders: tuple[str, ...] = ()) -> None:
        """Watches for `patience.broken` a scanned file that was moved away; `folders`: from where.

        These are the names of the subfolders. At the end the file is read once more.
        """
        now = time.monotonic()
        until = now + self._patience.broken.total_seconds()
        self._away[path] = _Away(folders, until, stamp_of(path.lstat()), now)

    def adopt(self, days: tuple[date, ...], now: datetime) -> None:
        """Watches the files that an earlier process moved away on these days, the recent ones.

        Recent is what changed, or was moved, less than `patience.broken` ago.

        Raises:
            OSError: the folder can't be read.
        """
        for path in self._put_away_on(days):
            if path in self._away:
                continue
            with suppress(FileNotFoundError):  # somebody took it away
                stamp = stamp_of(path.lstat())
                age = now.timestamp() - max(stamp.modified, stamp.changed) / 1e9
                if age < self._patience.broken.total_seconds():
                    self.remember(path)

    def look(self) -> None:
        """Checks all watched files, and brings changed ones back into the folder.

        At most one is read whole, since others wait.
        """
        now = time.monotonic()
        read = False
        for path, away in list(self._away.items()):
            over = now >= away.until
            try:
                stamp = stamp_of(path.lstat())
                if stamp != away.stamp:
                    away.stamp, away.since, away.changed = stamp, now, True
                if read or not (over or away.changed) or self._still_written(path, away, now):
                    continue
                as_named = _is_as_named(path)
                read, away.changed = True, False
                if not as_named:
                    self._bring_back(path, away)
                elif over:
                    del self._away[path]
            except FileNotFoundError:  # somebody took it away
                self._away.pop(path, None)
            except OSError as error:
                if over:  # without a trace: it would show the file's name
                    self._away.pop(path, None)
                    log.error("scan_not_seen_again", source=self._source, error=error.errno)  # noqa: TRY400  (no trace: it would show values)

    def _still_written(self, path: Path, away: _Away, now: float) -> bool:
        still_for = timedelta(seconds=now - away.since)
        return may_read(path.name, still_for, self._patience) == "wait"

    def _bring_back(self, path: Path, away: _Away) -> None:
        """As the file that it is by now: it is read as any other."""
        place = self._root.joinpath(*away.folders)
        if not place.is_dir():
            place = self._root
        target = place / path.name[PREFIX + 1 :]
        if target.exists():
            target = place / path.name
        path.rename(target)
        self._away.pop(path)
        self.came_back += 1
        log.warning("scan_came_back", source=self._source)

    def _put_away_on(self, days: tuple[date, ...]) -> Iterator[Path]:
        for day in days:
            folder = self._root / TAKEN / day.isoformat()
            if folder.is_dir() and not folder.is_symlink():
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_file(follow_symlinks=False):
                            yield Path(entry.path)


def _is_as_named(path: Path) -> bool:
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return path.name.startswith(digest.hexdigest()[:PREFIX])
