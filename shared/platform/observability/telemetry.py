"""Telemetry: this process's own metrics, and traces when a collector is named.

Counters are what this process did. What is true of the whole service (ages, depths, states) is
asked of the database at each scrape by the functions given to `on_scrape`, so that a restart
changes nothing.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from shared.platform.observability import tracing
from shared.platform.observability.logs import Log
from shared.platform.observability.metric_definitions import (
    CounterOf,
    GaugeOf,
    HistogramOf,
    Label,
    MetricDefinition,
)
from shared.platform.time_limits import result_within

SCRAPE_SECONDS = 5.0
LAST_SECONDS = 1.0

RECORDS = CounterOf("vaguemestre_records", "Records taken.", "records", (Label.TOPIC,))
FACTS = CounterOf("vaguemestre_facts", "Facts taken.", "facts", (Label.TOPIC,))
POISONED = CounterOf("vaguemestre_poisoned", "Records set aside.", "records", (Label.TOPIC,))
BATCH = HistogramOf(
    "vaguemestre_batch_seconds",
    "Time of a batch, committed or given back.",
    "seconds",
    (Label.TOPIC,),
)
LAG = GaugeOf("vaguemestre_lag_records", "End offset less position.", "records", (Label.TOPIC,))
TOLD = CounterOf("vaguemestre_told", "Facts that Kafka confirmed.", "facts", (Label.TOPIC,))
UNASKED = CounterOf(
    "vaguemestre_scrape_failures", "Questions of a scrape that had no answer.", "questions"
)
TABLE: Sequence[MetricDefinition] = (RECORDS, FACTS, POISONED, BATCH, LAG, UNASKED)
"""Counts of every process; `TOLD` where there is a relay."""

log = Log("telemetry")


class Telemetry:
    """The Prometheus metrics of one process, and its OpenTelemetry traces."""

    def __init__(
        self,
        service: str,
        otlp: str | None = None,
        site: str | None = None,
        *,
        of_process: bool = True,
    ) -> None:
        """`site` names the préfecture: without one there are no letters to trace yet.

        `of_process`: also memory, CPU and garbage of the process, which is not another service's.
        """
        self.registry = CollectorRegistry()
        self.heard = ConsumerMetrics(self.registry)
        self._service = service
        self._site = site or ""
        self._tracing = tracing.start(otlp, service, site) if otlp and site else None
        self._questions: list[Callable[[], Awaitable[None]]] = []
        self._unasked = UNASKED.on(self.registry)
        for collector in (ProcessCollector, PlatformCollector, GCCollector) if of_process else ():
            collector(registry=self.registry)

    def middlewares(self) -> Sequence[Any]:
        """Returns the FastStream middlewares that run around every batch."""
        from faststream.kafka.prometheus import KafkaPrometheusMiddleware  # noqa: PLC0415  (11 MB that who only serves pages does not need)

        return [KafkaPrometheusMiddleware(registry=self.registry, app_name=self._service)]

    def on_scrape(self, question: Callable[[], Awaitable[None]]) -> None:
        """Registers a function that sets its gauges before each answer to /metrics."""
        self._questions.append(question)

    def told_by(self, told: Mapping[str, int]) -> None:
        """Registers a relay, whose counts of published facts by topic each scrape exposes."""
        self.registry.register(_Told(told))

    async def exposition(self) -> tuple[bytes, str]:
        """Returns the text of /metrics and its media type.

        A function of `on_scrape` that fails leaves its gauges unchanged and is counted.
        """
        answers = await asyncio.gather(
            *(result_within(SCRAPE_SECONDS, question()) for question in self._questions),
            return_exceptions=True,
        )
        for answer in answers:
            if isinstance(answer, Exception):
                self._unasked.inc()
                log.warning("scrape_incomplete", error=type(answer).__name__)
        return generate_latest(_Sited(self.registry, self._site)), CONTENT_TYPE_LATEST

    async def close(self) -> None:
        """Sends the last traces, waiting at most one second for a collector that hangs."""
        if self._tracing is not None:
            last = threading.Thread(target=self._tracing.shutdown, daemon=True)
            last.start()
            await asyncio.to_thread(last.join, LAST_SECONDS)


class _Sited(Collector):
    """Every series under the label `site`: one Prometheus looks at several préfectures."""

    def __init__(self, registry: CollectorRegistry, site: str) -> None:
        self._registry = registry
        self._site = site

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [
                sample._replace(labels={"site": self._site, **sample.labels})
                for sample in metric.samples
            ]
            yield metric


class _Told(Collector):
    def __init__(self, told: Mapping[str, int]) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        told = CounterMetricFamily(TOLD.name, TOLD.help, labels=TOLD.labels)
        for topic, count in self._told.items():
            told.add_metric([topic], count)
        yield told


class ConsumerMetrics:
    """The metrics of a process's Kafka consumers, by topic without prefix."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._records = RECORDS.on(registry)
        self._facts = FACTS.on(registry)
        self._poisoned = POISONED.on(registry)
        self._seconds = BATCH.on(registry)
        self._lag = LAG.on(registry)

    @contextmanager
    def timed(self, topic: str) -> Iterator[None]:
        """A context manager that measures the duration of handling a batch, for the metrics."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._seconds.labels(topic).observe(time.monotonic() - start)

    def records(self, topic: str, count: int) -> None:
        """Adds to the metric of handled records: those of a committed batch."""
        self._records.labels(topic).inc(count)

    def facts(self, topic: str, count: int) -> None:
        """Adds to the metric of handled facts, repeated ones included."""
        self._facts.labels(topic).inc(count)

    def count_poisoned(self, topic: str, count: int) -> None:
        """Adds to the metric of records that could not be handled and became dead letters."""
        self._poisoned.labels(topic).inc(count)

    def lag(self, topic: str, records: int) -> None:
        """Sets the metric of the consumer lag: how many records wait in the topic."""
        self._lag.labels(topic).set(records)
