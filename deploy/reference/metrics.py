"""docs/metrics.md: every metric of each process, from the tables in which they are declared."""

from collections.abc import Iterator, Mapping, Sequence

from services.desk import at_rest
from services.desk import metrics as desk
from services.ingest import metrics as ingest
from services.notify import metrics as notify
from services.portal import metrics as portal
from services.sla import metrics as sla
from shared.content import encryption_metric, transfer_sender
from shared.platform import process_health, transport_health
from shared.platform.messaging import outbox_age
from shared.platform.observability import telemetry
from shared.platform.observability.metric_definitions import (
    BOUNDS,
    CounterOf,
    GaugeOf,
    HistogramOf,
    MetricDefinition,
)

_HEAD = """# Metrics

What `/metrics` of each process shows, beside `process_*`, `python_*` and, of the Kafka client,
`faststream_*`. Written from the code by `make docs`. Gauges are asked of the database at each
scrape, so that a restart changes nothing; counters are what one process did since it started. No
label holds a person.
"""

TABLES: Mapping[str, Sequence[MetricDefinition]] = {
    "Every process": (*telemetry.TABLE, *process_health.TABLE),
    "Every process but the portal": outbox_age.TABLE,
    "Every process that hears or tells": (telemetry.TOLD, *transport_health.TRANSPORT),
    "Every process that writes files of mail": encryption_metric.TABLE,
    "`portal serve` and `desk serve`, where `VAGUEMESTRE_DEPOSITS_URL` is set": (
        transfer_sender.TABLE
    ),
    "`ingest run`": ingest.TABLE,
    "`desk keep`": (*desk.TABLE, *at_rest.TABLE),
    "`sla run`": sla.TABLE,
    "`notify run`": notify.TABLE,
    "`portal serve`": portal.TABLE,
}
"""Every metric, by the process that shows it."""


def render() -> str:
    """Returns the text of docs/metrics.md."""
    return "\n".join([_HEAD, *(_section(*section) for section in TABLES.items()), _labels()])


def exposed_name(measure: MetricDefinition) -> str:
    """Returns the full name of a metric in Prometheus queries."""
    return f"{measure.name}_total" if isinstance(measure, CounterOf) else measure.name


def _section(title: str, table: Sequence[MetricDefinition]) -> str:
    rows = "\n".join(_rows(table))
    return (
        f"## {title}\n\n| metric | type | unit | labels | what it says |\n"
        f"|---|---|---|---|---|\n{rows}\n"
    )


def _rows(table: Sequence[MetricDefinition]) -> Iterator[str]:
    for row in table:
        labels = ", ".join(f"`{label}`" for label in row.labels)
        yield f"| `{exposed_name(row)}` | {_kind(row)} | {row.unit} | {labels} | {row.help} |"


def _kind(measure: MetricDefinition) -> str:
    match measure:
        case GaugeOf():
            return "gauge"
        case CounterOf():
            return "counter"
        case HistogramOf():
            return "histogram"


def _labels() -> str:
    rows = "\n".join(f"| `{label}` | {bound} |" for label, bound in BOUNDS.items())
    return f"## Labels\n\n| label | its values come from |\n|---|---|\n{rows}\n"
