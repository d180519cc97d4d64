"""Every metric of ingest in one table; what is kept is asked of the database at each scrape."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry, Gauge

from services.ingest import attachment_queue, questions
from services.ingest.scan_files import FolderContent, Ignored, list_files
from services.ingest.source_status import Statuses
from shared.platform.clock import Clock
from shared.platform.database import Pool, glance
from shared.platform.observability.metric_definitions import (
    CounterOf,
    GaugeOf,
    Label,
    MetricDefinition,
)

T = TypeVar("T")
LEAST = 1_000_000
"""Octets without which not even a small mail can be kept."""

ARRIVALS = GaugeOf(
    "vaguemestre_ingest_arrivals",
    "Arrivals kept, by source and what they are.",
    "arrivals",
    (Label.SOURCE, Label.KIND),
)
READ = GaugeOf(
    "vaguemestre_ingest_source_read_age_seconds",
    "Since the begin of the last complete pass over a source.",
    "seconds",
    (Label.SOURCE,),
)
TROUBLE = GaugeOf(
    "vaguemestre_ingest_source_trouble", "1 while a source can't be read.", "", (Label.SOURCE,)
)
PROBE = GaugeOf(
    "vaguemestre_ingest_probe_timestamp_seconds",
    "When the server of a mailbox took the last probe mail that we read there.",
    "seconds since 1970",
    (Label.SOURCE,),
)
SCANS = GaugeOf(
    "vaguemestre_ingest_scan_files", "Files that lie in a scan folder.", "files", (Label.SOURCE,)
)
SCANS_AGE = GaugeOf(
    "vaguemestre_ingest_scan_oldest_seconds",
    "For how long the oldest file of a scan folder has lain there.",
    "seconds",
    (Label.SOURCE,),
)
SCANS_IGNORED = GaugeOf(
    "vaguemestre_ingest_scan_ignored",
    "What lies in a scan folder and is never read, by why.",
    "",
    (Label.SOURCE, Label.WHY),
)
CAME_BACK = GaugeOf(
    "vaguemestre_ingest_scan_came_back",
    "Files that changed after they were read and are read again, since the process started.",
    "files",
    (Label.SOURCE,),
)
UNREAD_MAILS = GaugeOf(
    "vaguemestre_ingest_attachments_waiting",
    "Mails whose attached files are still to be read.",
    "mails",
)
UNREAD_OLDEST = GaugeOf(
    "vaguemestre_ingest_attachments_oldest_seconds",
    "For how long the oldest mail whose attached files are unread has waited.",
    "seconds",
)
FORMS_UNREAD = CounterOf(
    "vaguemestre_ingest_forms_unread",
    "Mails of a website's form whose layout was not recognised, held with their whole text.",
    "mails",
    (Label.FORM,),
)
DEPOSITS_IN_CLEAR = CounterOf(
    "vaguemestre_ingest_deposits_in_clear",
    "Deposits that lay in clear though a key encrypts new files, an hour after the start or later.",
    "deposits",
)
FREE = GaugeOf(
    "vaguemestre_disk_free_ratio",
    "Free part of the disk that holds a folder, 0 to 1.",
    "ratio",
    (Label.FOLDER,),
)
REFUSES = GaugeOf(
    "vaguemestre_disk_refuses",
    "1 while nothing new is kept in a folder: read-only, below the floor of free space, gone, or"
    " not ours.",
    "",
    (Label.FOLDER,),
)
TABLE: Sequence[MetricDefinition] = (
    ARRIVALS, READ, TROUBLE, PROBE, SCANS, SCANS_AGE, SCANS_IGNORED, CAME_BACK, UNREAD_MAILS,
    UNREAD_OLDEST, FORMS_UNREAD, DEPOSITS_IN_CLEAR, FREE, REFUSES,
)  # fmt: skip


class IngestMetrics:
    """The gauges of ingest, set from the database and the disks before each scrape."""

    def __init__(
        self,
        registry: CollectorRegistry,
        pool: Pool,
        clock: Clock,
        statuses: Statuses,
        *,
        folders: Mapping[str, Path],
        scans: Mapping[str, Path],
        floor: int = LEAST,
    ) -> None:
        """`folders` by what they hold, `scans` by source; `floor`: octets, below it all refuse."""
        self._floor = max(floor, LEAST)
        self._pool = pool
        self._clock = clock
        self._statuses = statuses
        self._folders = folders
        self._scan_folders = scans
        self._asking: dict[str, asyncio.Future[Any]] = {}
        self._arrivals, self._read, self._trouble, self._probe = (
            metric.on(registry) for metric in (ARRIVALS, READ, TROUBLE, PROBE)
        )
        self._scans, self._scans_age, self._free, self._refuses = (
            metric.on(registry) for metric in (SCANS, SCANS_AGE, FREE, REFUSES)
        )
        self._scans_ignored, self._came_back = (
            metric.on(registry) for metric in (SCANS_IGNORED, CAME_BACK)
        )
        self._unread_mails, self._unread_oldest = (
            metric.on(registry) for metric in (UNREAD_MAILS, UNREAD_OLDEST)
        )

    async def ask(self) -> None:
        """Sets, at a scrape, the gauges whose values come from the database or from memory."""
        async with glance(self._pool) as connection:
            counted = await questions.counts(connection)
            probes = await questions.probes(connection)
            unread = await attachment_queue.waiting(connection)
        for (source, kind), number in counted.items():
            self._arrivals.labels(source, kind).set(number)
        for source, taken_at in probes.items():
            self._probe.labels(source).set(taken_at.timestamp())
        now = self._clock.now()
        waited = (now - unread.since).total_seconds() if unread.since is not None else 0.0
        self._unread_mails.set(unread.mails)
        self._unread_oldest.set(max(0.0, waited))
        for status in self._statuses.by_source.values():
            self._trouble.labels(status.source).set(status.trouble is not None)
            if status.source in self._scan_folders:
                self._came_back.labels(status.source).set(status.came_back)
            if status.read_until is not None:
                age = max(0.0, (now - status.read_until).total_seconds())
                self._read.labels(status.source).set(age)

    async def look(self) -> None:
        """Sets, at a scrape, the gauges of free disk space and scan folders.

        A network share that hangs spoils no other gauge.
        """
        await asyncio.gather(
            *(self._look_free(name, folder) for name, folder in self._folders.items()),
            *(self._look_lying(source, folder) for source, folder in self._scan_folders.items()),
        )

    async def _look_free(self, name: str, folder: Path) -> None:
        free, refuses = await self._asked(name, partial(_disk, self._floor), folder)
        _set(self._free, name, free)
        _set(self._refuses, name, refuses)

    async def _look_lying(self, source: str, folder: Path) -> None:
        standing = await self._asked(source, _lying, folder)
        if standing is None:  # it can't be read: `source_trouble` says why
            return
        now = self._clock.now().timestamp()
        ages = [now - found.stamp.modified / 1e9 for found in standing.files[:1]]
        self._scans.labels(source).set(len(standing.files))
        self._scans_age.labels(source).set(max(0.0, *ages, 0.0))
        for why in Ignored:
            self._scans_ignored.labels(source, why.value).set(standing.ignored[why])

    async def _asked(self, name: str, question: Callable[[Path], T], folder: Path) -> T:
        """One question at a time: a share that hangs would take one thread more at each scrape."""
        asking = self._asking.get(name)
        if asking is None or asking.done():
            asking = self._asking[name] = asyncio.ensure_future(asyncio.to_thread(question, folder))
        return cast("T", await asyncio.shield(asking))


def _set(gauge: Gauge, label: str, value: float | None) -> None:
    """A folder that can't be read has no figure: `source_trouble` says why."""
    if value is not None:
        gauge.labels(label).set(value)


def _disk(floor: int, folder: Path) -> tuple[float | None, bool]:
    """Its free part, and whether it takes nothing; asked without writing there."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None, True
    full = disk.f_bavail * disk.f_frsize < floor or (disk.f_files > 0 and disk.f_favail == 0)
    free = disk.f_bavail / disk.f_blocks if disk.f_blocks else None
    return free, full or not os.access(folder, os.W_OK)


def _lying(folder: Path) -> FolderContent | None:
    try:
        return list_files(folder)
    except OSError:
        return None
