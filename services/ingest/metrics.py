"""Every metric of ingest: what is kept, asked of the database; when sources were read."""

from prometheus_client import CollectorRegistry, Gauge

from services.ingest import store
from services.ingest.status import Statuses
from shared.database import Pool, transaction


class IngestMetrics:
    """Set before each scrape, so that a restart changes nothing."""

    def __init__(self, registry: CollectorRegistry, pool: Pool, statuses: Statuses) -> None:
        self._pool = pool
        self._statuses = statuses
        self._arrivals = Gauge(
            "vaguemestre_ingest_arrivals",
            "Arrivals kept, by source and word.",
            ["source", "kind"],
            registry=registry,
        )
        self._read = Gauge(
            "vaguemestre_ingest_source_read_timestamp_seconds",
            "Begin of the last complete pass over a source.",
            ["source"],
            registry=registry,
        )
        self._trouble = Gauge(
            "vaguemestre_ingest_source_trouble",
            "1 while a source can't be read.",
            ["source"],
            registry=registry,
        )

    async def ask(self) -> None:
        """Set every gauge."""
        async with transaction(self._pool) as connection:
            counted = await store.counts(connection)
        for (source, kind), number in counted.items():
            self._arrivals.labels(source, kind).set(number)
        for status in self._statuses.by_source.values():
            self._trouble.labels(status.source).set(status.trouble is not None)
            if status.read_until is not None:
                self._read.labels(status.source).set(status.read_until.timestamp())
