"""What every process says of itself: its health and its gauges, whatever service it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.platform.clock import Clock, SystemClock
from shared.platform.database import Pool
from shared.platform.jobs import Jobs
from shared.platform.observability.health import Health, HealthCheck, State, Unwell, Well
from shared.platform.observability.metric_definitions import GaugeOf, Label, MetricDefinition
from shared.platform.observability.telemetry import Telemetry
from shared.platform.postgres import rows

PING_SECONDS = 2.0

WELL = GaugeOf(
    "vaguemestre_well", "1 while a check of /health is well, else 0.", "", (Label.CHECK,)
)
OFFSET = GaugeOf(
    "vaguemestre_clock_offset_seconds",
    "How far the system's clock is ahead of PostgreSQL's; 0 in a story.",
    "seconds",
)
TABLE: Sequence[MetricDefinition] = (WELL, OFFSET)
"""True of every process."""


@dataclass(frozen=True)
class ProcessVitals:
    """The health checks of any process: database, clock, background jobs, unreadable rows."""

    pool: Pool
    clock: Clock
    jobs: Jobs

    def checks(self) -> Mapping[str, HealthCheck]:
        """Returns the health checks of any process, by name."""
        return {
            "database": self._database,
            "clock": self._clock,
            "jobs": self.jobs.state,
            rows.CHECK: rows.state,
        }

    async def _database(self) -> State:
        await self.pool.fetchval("SELECT 1", timeout=PING_SECONDS)
        return Well()

    async def _clock(self) -> State:
        wrong = self.clock.wrong if isinstance(self.clock, SystemClock) else None
        return Well(self.clock.now()) if wrong is None else Unwell(wrong)

    def measure(self, telemetry: Telemetry, health: Health) -> None:
        """Registers the health and clock gauges of a process, set at each scrape of /metrics."""
        well, offset = WELL.on(telemetry.registry), OFFSET.on(telemetry.registry)

        async def look() -> None:
            if isinstance(self.clock, SystemClock):
                offset.set(self.clock.offset.total_seconds())
            for name, state in (await health.states()).items():
                well.labels(name).set(isinstance(state, Well))

        telemetry.on_scrape(look)
