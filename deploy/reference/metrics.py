"""docs/metrics.md: every metric of each process, as the process itself declares it."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.desk.metrics import gauges as desk_gauges
from services.ingest.metrics import IngestMetrics
from services.notify.metrics import Voice
from services.sla.metrics import Counts
from services.sla.metrics import gauges as sla_gauges
from shared.jobs import Jobs
from shared.relay import Relay
from shared.telemetry import Telemetry
from shared.vitals import Vitals

_HEAD = """# Metrics

What `/metrics` of each process shows, beside `process_*`, `python_*` and, of the Kafka client,
`faststream_*`. Written from the code by `make docs`. Gauges are asked of the database at each
scrape, so that a restart changes nothing; counters are what one process did since it started. No
label holds a person.
"""
_OURS = "vaguemestre_"
_UNASKED: Any = None
"""Declaring asks nothing: a pool and a clock are only for the scrape."""


def render() -> str:
    """The page, the same for the same code."""
    ingest, desk, sla, notify = (CollectorRegistry() for _ in range(4))
    IngestMetrics(ingest, _UNASKED, _UNASKED)
    desk_gauges(desk, _UNASKED, _UNASKED, _UNASKED)
    Counts(sla)
    sla_gauges(sla, _UNASKED, _UNASKED, _UNASKED)
    Voice(notify, _UNASKED)
    sections = {
        "Every process": asyncio.run(_plumbing()),
        "`ingest run`": ingest,
        "`desk keep`": desk,
        "`sla run`": sla,
        "`notify run`": notify,
    }
    return "\n".join([_HEAD, *(_section(*section) for section in sections.items())])


async def _plumbing() -> CollectorRegistry:
    """What shared/process.py registers around the parts of any service."""
    telemetry = Telemetry("reference")
    relay = Relay(SecretStr(""), "reference", "", "")
    jobs = Jobs(asyncio.Event())
    Vitals("reference", _UNASKED, _UNASKED, _UNASKED, [], relay, jobs).measure(telemetry)
    return telemetry.registry


def _section(title: str, registry: CollectorRegistry) -> str:
    rows = "\n".join(_rows(registry))
    return f"## {title}\n\n| metric | type | labels | what it says |\n|---|---|---|---|\n{rows}\n"


def _rows(registry: CollectorRegistry) -> Iterator[str]:
    # The client has no public list of what was registered.
    for collector in registry._collector_to_names:  # noqa: SLF001
        for family in collector.collect():
            if family.name.startswith(_OURS):
                labels = ", ".join(f"`{label}`" for label in _labels(collector, family))
                name = f"{family.name}_total" if family.type == "counter" else family.name
                yield f"| `{name}` | {family.type} | {labels} | {family.documentation} |"


def _labels(collector: Any, family: Any) -> Sequence[str]:
    """A metric knows its labels itself; what is made at each scrape knows them by its family."""
    labels: Sequence[str] = getattr(collector, "_labelnames", ()) or getattr(
        family, "_labelnames", ()
    )
    return labels
