"""Metrics, memory, and that nothing of a sender stands where it must not.

The same is asked of all that came, whatever the test, when the stack ends (conftest.py).
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e import discretion
from tests.e2e.house import SERVICES, TOPICS, House

MOST_MEMORY = 150
"""Mebibytes resident; told and not asserted, since it depends on the machine."""

OWN = {
    "ingest": "vaguemestre_ingest_",
    "desk-keep": "vaguemestre_desk_",
    "sla": "vaguemestre_sla_",
    "notify": "vaguemestre_mails_handed",
}


@pytest.fixture(scope="module")
async def used(live: House) -> House:
    """Somebody wrote, so that there is something to find."""
    await live.write(live.mail("Zoe Indiscrete"))
    await live.settle()
    return live


@pytest.mark.parametrize("process", SERVICES)
async def test_metrics_of_a_process_are_read_and_have_what_it_counts(
    used: House, process: str, figure: Callable[[str], None]
) -> None:
    status, text = used.door(process, "/metrics")
    assert status == 200
    names = {family.name for family in text_string_to_metric_families(text)}
    if process in OWN:
        assert any(name.startswith(OWN[process]) for name in names), sorted(names)
        assert {"vaguemestre_outbox_facts", "vaguemestre_dead_letters"} <= names
    figure(f"{process}: {_resident(used.run['pids'][process])} MiB resident, aim {MOST_MEMORY}")


@pytest.mark.parametrize("process", SERVICES)
async def test_no_sender_stands_in_a_log_or_a_metric(used: House, process: str) -> None:
    assert discretion.in_process(used, process) == []


@pytest.mark.parametrize("topic", TOPICS)
async def test_no_sender_stands_in_a_fact(used: House, topic: str) -> None:
    assert await discretion.in_topic(used, topic) == []


def _resident(pid: int) -> int:
    """Mebibytes of a process that stand in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1024
