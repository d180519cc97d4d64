"""Whether a process encrypts the files that it writes: told by each, compared by an alert.

A process that was started without its key writes in clear and refuses nothing. It can't know that
another has a key: who looks at all of them does.
"""

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from shared.content.encryption import WritingKey
from shared.platform.observability.health import HealthCheck, State, Well
from shared.platform.observability.metric_definitions import GaugeOf, MetricDefinition

ENCRYPTS: Final = GaugeOf(
    "vaguemestre_encrypts_new_files",
    "1 where this process encrypts the files that it writes, 0 where they lie in clear.",
    "",
)
TABLE: Sequence[MetricDefinition] = (ENCRYPTS,)
IN_CLEAR: Final = "in clear"


def show_key(registry: CollectorRegistry, key: WritingKey | None) -> None:
    """Sets the gauge that says whether a process encrypts new files (1), or has no key (0)."""
    ENCRYPTS.on(registry).set(key is not None)


def key_detail(key: WritingKey | None) -> dict[str, str]:
    """Returns the part of a /health answer that names the key a process encrypts with.

    `vaguemestre status` compares those of all processes.
    """
    return {"writes": IN_CLEAR if key is None else key.id}


def key_check(registry: CollectorRegistry, key: WritingKey | None) -> HealthCheck:
    """Makes the health check that names the key a process encrypts with, and sets its gauge.

    It never fails.
    """
    show_key(registry, key)

    async def state() -> State:
        return Well(key_detail(key))

    return state
