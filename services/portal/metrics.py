"""Every metric of the portal in one table."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry

from services.portal.store import notes
from shared.platform.observability.metric_definitions import GaugeOf, Measure

NOTES = GaugeOf(
    "vaguemestre_portal_notes",
    "Deposits whose number waits on the disk for PostgreSQL; what was sent is in the spool.",
    "deposits",
)
TABLE: Sequence[Measure] = (NOTES,)


def question(registry: CollectorRegistry, spool: Path) -> Callable[[], Awaitable[None]]:
    """The function to call at each scrape, which sets the portal's gauges.

    Raises TemporaryFailure: the disk can't be read now.
    """
    gauge = NOTES.on(registry)

    async def ask() -> None:
        gauge.set(len(await asyncio.to_thread(notes.read, spool)))

    return ask
