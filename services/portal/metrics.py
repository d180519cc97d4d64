"""Every metric of the portal in one table, and whether anybody takes in what it deposits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from services.portal.store import notes
from shared.content import spool, survey_spool
from shared.platform.clock import Clock
from shared.platform.observability.health import HealthCheck, State, Unwell, Well
from shared.platform.observability.metric_definitions import (
    CounterOf,
    GaugeOf,
    Label,
    MetricDefinition,
)

NOTES = GaugeOf(
    "vaguemestre_portal_notes",
    "Deposits whose number waits on the disk for PostgreSQL; what was sent is in the spool.",
    "deposits",
)
OLDEST = GaugeOf(
    "vaguemestre_portal_spool_oldest_seconds",
    "For how long the oldest deposit has waited in the portal's spool for ingest; 0: none does.",
    "seconds",
)
BY_PROGRAM = CounterOf(
    "vaguemestre_portal_deposits_by_program",
    "Deposits that other programs handed in and that were kept, by their key.",
    "deposits",
    (Label.APPLICATION,),
)
TABLE: Sequence[MetricDefinition] = (NOTES, OLDEST, BY_PROGRAM)
PATIENCE_OF_SHEETS: Final = timedelta(hours=1)
"""So long a sheet of the survey may wait: the register looks every five minutes."""
PATIENCE: Final = timedelta(minutes=10)
"""So long a deposit may wait: ingest looks each second, and takes a mail or a paper in a minute."""


def question(
    registry: CollectorRegistry, folder: Path, clock: Clock
) -> Callable[[], Awaitable[None]]:
    """Makes the function that sets the portal's gauges at each scrape.

    `clock`: the machine's, as the disk's times are. The function raises TemporaryFailure when the
    disk can't be read.
    """
    waiting_notes, oldest = NOTES.on(registry), OLDEST.on(registry)

    async def ask() -> None:
        waiting_notes.set(len(await asyncio.to_thread(notes.read, folder)))
        oldest.set((await _age(folder, clock)).total_seconds())

    return ask


def taken_in(folder: Path, clock: Clock) -> HealthCheck:
    """Makes the health check that ingest takes in what the portal puts into the spool."""

    async def look() -> State:
        age = await _age(folder, clock)
        if age <= PATIENCE:
            return Well()
        return Unwell(
            f"{folder}: a deposit has waited for {age // timedelta(minutes=1)} minutes, and ingest"
            " does not take it in: check that it runs, that this is the folder that it reads (is"
            " the share mounted?) and that both run under one account."
        )

    return look


def sheets_taken_in(folder: Path, clock: Clock) -> HealthCheck:
    """Makes the health check that the register takes in the sheets of the survey."""

    async def look() -> State:
        since = await asyncio.to_thread(survey_spool.oldest, folder)
        if since is None or clock.now() - since <= PATIENCE_OF_SHEETS:
            return Well()
        return Unwell(
            f"{folder / survey_spool.FOLDER}: sheets of the survey have waited for"
            f" {(clock.now() - since) // timedelta(minutes=1)} minutes, and the register does not"
            " take them in: check that `desk keep` runs and that this is the folder that it reads."
        )

    return look


async def _age(folder: Path, clock: Clock) -> timedelta:
    since = await asyncio.to_thread(spool.oldest, folder)
    return timedelta(0) if since is None else max(clock.now() - since, timedelta(0))
