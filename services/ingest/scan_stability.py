"""Since when each file of a scan folder stands still, and what is remembered of it meanwhile."""

import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.ingest.domain.file_stability import (
    FileReadiness,
    FileStamp,
    StabilityLimits,
    may_read,
)
from services.ingest.scan_files import ScanFile


@dataclass(slots=True)
class _Seen:
    """What is remembered of a path while it stands in the folder."""

    stamp: FileStamp
    since: float
    """Monotonic seconds since which it has not changed."""
    unreadable: bool = False
    """It was opened as it is now and could not be read: its writer may not have ended."""
    refused: bool = False
    """It does not let itself be read, and the log said so."""


class FileStability:
    """The memory of since when each file of a scan folder has not changed."""

    def __init__(self, patience: StabilityLimits) -> None:
        self._patience = patience
        self._seen: dict[Path, _Seen] = {}

    def keep_only(self, there: AbstractSet[Path]) -> None:
        """Drops what is remembered of files that are no longer in the scan folder."""
        self._seen = {path: one for path, one in self._seen.items() if path in there}

    def readiness(self, found: ScanFile) -> FileReadiness:
        """Decides whether a scanned file may be read now: wait, read if whole, or read anyway."""
        now = time.monotonic()
        seen = self._seen.get(found.path)
        if seen is None or seen.stamp != found.stamp:
            seen = self._seen[found.path] = _Seen(found.stamp, now)
        still_for = timedelta(seconds=now - seen.since)
        settled = may_read(found.path.name, still_for, self._patience)
        return "wait" if settled == "if_whole" and seen.unreadable else settled

    def set_unreadable(self, found: ScanFile) -> None:
        """Records that a scanned file can't be read as it is, so that a change of it is awaited."""
        seen = self._seen.get(found.path)
        if seen is not None and seen.stamp == found.stamp:
            seen.unreadable = True

    def refuses_anew(self, found: ScanFile) -> bool:
        """Whether reading this scanned file is refused for the first time, to log it once."""
        seen = self._seen.get(found.path)
        if seen is None or seen.refused:
            return False
        seen.refused = True
        return True
