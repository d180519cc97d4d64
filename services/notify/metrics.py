"""Every metric of notify in one place; what is true of the ledger is asked of it at each scrape."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.notify.store import ledger
from shared.database import Pool, transaction

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Voice:
    """What this process said, and what stands in the ledger."""

    def __init__(self, registry: CollectorRegistry, pool: Pool) -> None:
        self._pool = pool
        self._handed = Counter(
            "vaguemestre_mails_handed",
            "Mails handed to the SMTP server, by its answer.",
            ["answer"],
            registry=registry,
        )
        self._seconds = Histogram(
            "vaguemestre_mail_seconds",
            "From MAIL FROM to the answer.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._notices = Gauge(
            "vaguemestre_notices",
            "Notices in the ledger.",
            ["state", "kind"],
            registry=registry,
        )

    def handed(self, answer: str, seconds: float) -> None:
        """Counts one mail."""
        self._handed.labels(answer).inc()
        self._seconds.observe(seconds)

    async def scrape(self) -> None:
        """Sets the gauges from the ledger."""
        async with transaction(self._pool) as connection:
            counts = await ledger.counts(connection)
        self._notices.clear()
        for (state, kind), count in counts.items():
            self._notices.labels(state, kind).set(count)
