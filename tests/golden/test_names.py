"""What operators have written down elsewhere keeps its name: metrics in alerts, variables in files.

`metrics.txt` has a metric a line with its type and labels, `variables.txt` a variable a line. Lines
are only ever added: whoever renames or takes away one of them breaks dashboards, alerts and
environments that no upgrade of ours reaches. `make docs` writes neither.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.reference.metrics import TABLES, exposed_name
from deploy.reference.variable_words import ELSEWHERE
from deploy.reference.variables import variables
from shared.platform.observability.metric_definitions import CounterOf, GaugeOf, HistogramOf

HERE = Path(__file__).parent / "names"
TYPES = {CounterOf: "counter", GaugeOf: "gauge", HistogramOf: "histogram"}


def _metrics() -> Iterator[str]:
    for table in TABLES.values():
        for measure in table:
            yield " ".join([exposed_name(measure), TYPES[type(measure)], *sorted(measure.labels)])


def _frozen(name: str) -> Sequence[str]:
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def test_no_metric_loses_its_name_type_or_labels() -> None:
    shown = set(_metrics())
    assert [line for line in _frozen("metrics.txt") if line not in shown] == []


def test_no_variable_loses_its_name() -> None:
    read = {*variables(), *ELSEWHERE}
    assert [line for line in _frozen("variables.txt") if line not in read] == []


def test_what_is_new_is_frozen_as_well() -> None:
    """Add the line that is missing, in the order of the alphabet."""
    assert _frozen("metrics.txt") == sorted({*_metrics(), *_frozen("metrics.txt")})
    read = {*variables(), *ELSEWHERE}
    assert _frozen("variables.txt") == sorted({*read, *_frozen("variables.txt")})
