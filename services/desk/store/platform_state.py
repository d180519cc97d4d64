"""The state of the other processes as the administrator's page shows it: numbers and moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.platform.database import Connection

_ASIDE: Final = " UNION ALL ".join(
    f"SELECT '{schema}' AS schema, topic, first_at FROM {schema}.dead_letters"  # noqa: S608  (our words)
    for schema in ("ingest", "desk", "sla", "notify")
)


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """The count of dead letters of a service and topic: Kafka messages that it could not handle."""

    schema: str
    """The service: `ingest`, `desk`, `sla` or `notify`."""
    topic: str
    count: int
    first_at: datetime
    """When the oldest of them was set aside."""


async def readings(connection: Connection) -> Mapping[str, datetime | None]:
    """Returns until when each source (mailbox, folder) was read, by its name (`mailbox:bmi`)."""
    rows = await connection.fetch("SELECT source, read_until FROM ingest.checkpoints")
    return {row["source"]: row["read_until"] for row in rows}


async def dead_letters(connection: Connection) -> Sequence[DeadLetterCount]:
    """Counts the dead letters (messages that services could not handle) by service and topic."""
    rows = await connection.fetch(
        f"""
        SELECT schema, topic, count(*)::int AS count, min(first_at) AS first_at
        FROM ({_ASIDE}) AS aside GROUP BY schema, topic ORDER BY schema, topic
        """  # noqa: S608  (our words)
    )
    return [DeadLetterCount(**row) for row in rows]


async def count_held(connection: Connection) -> int:
    """Counts the notices to senders and colleagues that are held back until a person decides."""
    found = await connection.fetchval(
        "SELECT coalesce(sum(n), 0)::int FROM notify.ledger_counts WHERE state = 'held'"
    )
    return int(found)
