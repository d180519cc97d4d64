"""How originals lie on the disk, counted now and then by `desk keep` for /health and metrics."""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from services.desk.settings import DeskSettings
from shared.content.at_rest import FilesAtRest, files_at_rest
from shared.platform.jobs import Job, every
from shared.platform.observability.health import HealthCheck, State, Well
from shared.platform.observability.metric_definitions import GaugeOf, MetricDefinition

EACH_SECONDS: Final = 1800.0
"""While some lie in clear, as `blobs encrypt` is at work."""
SELDOM: Final = 6 * 3600.0
"""Seconds after which all are counted again once none does: each file of the store is opened."""

CLEAR = GaugeOf(
    "vaguemestre_desk_originals_in_clear",
    "Originals that lie in clear on the disk though a key encrypts new ones; NaN: not counted yet,"
    " or no key encrypts.",
    "files",
)
TABLE: Sequence[MetricDefinition] = (CLEAR,)


class EncryptionWatch:
    """The counter of stored originals by the key that each needs, run now and then by `desk keep`.

    Without a keyring it counts nothing.
    """

    def __init__(self, settings: DeskSettings, registry: CollectorRegistry) -> None:
        self._blobs = settings.blobs
        self._keyring = settings.keys
        self._clear = CLEAR.on(registry)
        self._clear.set(math.nan)  # until it was counted
        self._found: FilesAtRest | None = None
        self._at = 0.0

    def job(self, stopping: asyncio.Event) -> Job:
        """Makes the background job that counts the originals at the start, and now and then."""
        return every(EACH_SECONDS, self.look, stopping)

    async def look(self) -> None:
        """Counts the files of the blob store by the key that each needs.

        Raises TemporaryFailure: the disk is away.
        """
        encrypted = self._found is not None and not self._found.in_clear
        if not self._keyring.keys or (encrypted and time.monotonic() - self._at < SELDOM):
            return
        self._found = await asyncio.to_thread(files_at_rest, self._blobs, self._keyring)
        self._at = time.monotonic()
        if self._keyring.current is not None:
            self._clear.set(self._found.in_clear)

    @property
    def check(self) -> HealthCheck:
        """Makes the health check that tells how many originals are encrypted; it never fails."""

        async def told() -> State:
            if self._found is None:
                return Well()
            return Well({"at_rest": self._found.sentence(self._keyring)})

        return told
