"""What may be a metric: the tables from which every process and docs/metrics.md are made."""

import pytest
from prometheus_client import CollectorRegistry

from deploy.reference.metrics import TABLES, exposed_name
from shared.platform.observability.metric_definitions import (
    BOUNDS,
    CounterOf,
    Label,
    MetricDefinition,
)

EVERY = [(where, gauge) for where, table in TABLES.items() for gauge in table]


def test_every_label_is_bounded_and_used() -> None:
    assert BOUNDS.keys() == set(Label)
    used = {label for _, one in EVERY for label in one.labels}
    assert used == set(Label)


def test_no_label_could_hold_a_person_or_an_item() -> None:
    unbounded = {"agent", "person", "chrono", "item", "address", "subject", "reason"}
    assert not unbounded & set(Label)


def test_no_two_tables_declare_one_name() -> None:
    names = [one.name for _, one in EVERY]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("measure", [one for _, one in EVERY], ids=lambda one: one.name)
def test_a_metric_says_its_unit_in_its_name_and_ends_its_sentence(
    measure: MetricDefinition,
) -> None:
    assert exposed_name(measure).startswith("vaguemestre_")
    assert measure.help.endswith(".")
    for unit in ("seconds", "ratio"):
        assert (unit in measure.unit.split()) == measure.name.endswith(f"_{unit}")
    if isinstance(measure, CounterOf):
        assert measure.unit
    measure.on(CollectorRegistry())
