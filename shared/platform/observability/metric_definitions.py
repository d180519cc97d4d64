"""Metrics as a table: name, help, unit and labels of each, declared once and typed.

A label is one of a closed list (`Label`), whose values are bounded by code or by the applied site:
no metric can grow with the mail, and none can hold a person. docs/metrics.md is written from the
tables (`make docs`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bounds of what one process does."""


class Label(StrEnum):
    """The labels that metrics may have; `BOUNDS` says where their values come from."""

    ANSWER = "answer"
    APPLICATION = "application"
    CHANNEL = "channel"
    CHECK = "check"
    CLOCK = "clock"
    FOLDER = "folder"
    FORM = "form"
    KIND = "kind"
    LIST = "list"
    MONTH = "month"
    QUESTION = "question"
    RESULT = "result"
    ROAD = "road"
    SCHEMA = "schema"
    SERVICE = "service"
    SOURCE = "source"
    STATE = "state"
    TOPIC = "topic"
    TYPE = "type"
    WHY = "why"
    WORD = "word"


BOUNDS: dict[Label, str] = {
    Label.ANSWER: "the answers of a mail server, services/notify/domain/ledger.py",
    Label.APPLICATION: "the shown halves of the keys that deposit",
    Label.CHANNEL: "shared/facts/vocabulary.py: Channel",
    Label.CHECK: "the checks of /health: a few of each process, one of each source",
    Label.CLOCK: "shared/facts/vocabulary.py: ClockName",
    Label.FOLDER: "`blobs`, `spool`, `scans`",
    Label.FORM: "the applied site's routing.yaml: forms",
    Label.KIND: "what an arrival or a notice is",
    Label.LIST: "shared/facts/vocabulary.py: Waiting",
    Label.MONTH: "the last thirteen closed months",
    Label.QUESTION: "services/desk/domain/learner_numbers.py: LearnerTarget",
    Label.RESULT: "`kept`, `late`, `overdue`, `open`, `observed`, `closed`; a closed month: `due`;"
    " a letter at the parapheur, a package: `sent`, `signed`, `unanswered`",
    Label.ROAD: "shared/site/staff/roads.py: Road",
    Label.SCHEMA: "the four services",
    Label.SERVICE: "the applied site's services.yaml",
    Label.SOURCE: "the applied site's mailboxes.yaml, and the spool",
    Label.STATE: "states of an item, a clock or a notice",
    Label.TOPIC: "shared/platform/kafka/topics.py",
    Label.TYPE: "the types of facts",
    Label.WHY: "services/ingest/scan_files.py: Ignored",
    Label.WORD: "the nine words of law 1",
}


@dataclass(frozen=True, slots=True)
class GaugeOf:
    """The definition of a Prometheus gauge: a value that holds now, set at each scrape."""

    name: str
    help: str
    unit: str
    labels: Sequence[Label] = ()

    def on(self, registry: CollectorRegistry) -> Gauge:
        """Creates the gauge in the metrics registry of one process."""
        return Gauge(self.name, self.help, self.labels, registry=registry)


@dataclass(frozen=True, slots=True)
class CounterOf:
    """The definition of a Prometheus counter; its exposed name ends in `_total`."""

    name: str
    help: str
    unit: str
    labels: Sequence[Label] = ()

    def on(self, registry: CollectorRegistry) -> Counter:
        """Creates the counter in the metrics registry of one process."""
        return Counter(self.name, self.help, self.labels, registry=registry)


@dataclass(frozen=True, slots=True)
class HistogramOf:
    """The definition of a Prometheus histogram: durations in seconds, counted in buckets."""

    name: str
    help: str
    unit: str
    labels: Sequence[Label] = ()
    buckets: Sequence[float] = SECONDS

    def on(self, registry: CollectorRegistry) -> Histogram:
        """Creates the histogram in the metrics registry of one process."""
        return Histogram(self.name, self.help, self.labels, buckets=self.buckets, registry=registry)


MetricDefinition: TypeAlias = GaugeOf | CounterOf | HistogramOf
