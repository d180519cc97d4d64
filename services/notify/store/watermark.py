"""How far the clocks were heard: whole, by sla's own word, or as far as the last fact says."""

from collections.abc import Sequence
from datetime import datetime

from shared.facts.clocks import RungsTold
from shared.platform.database import Connection


async def whole(connection: Connection, told: Sequence[RungsTold]) -> None:
    """Stores that all reminders due by `until` were received on these Kafka partitions."""
    last = {(fact.parts, fact.part): fact for fact in sorted(told, key=lambda fact: fact.until)}
    await connection.executemany(
        """
        INSERT INTO notify.told AS told (parts, part, until) VALUES ($1, $2, $3)
        ON CONFLICT (parts, part) DO UPDATE SET until = greatest(told.until, excluded.until)
        """,
        [(parts, part, last[parts, part].until) for parts, part in sorted(last)],
    )


async def whole_until(connection: Connection) -> datetime | None:
    """Returns the moment up to which all due reminders were received on every Kafka partition.

    `None` while some partition has never reported.
    """
    moment: datetime | None = await connection.fetchval(
        """
        SELECT max(least) FROM (
            SELECT min(until) AS least FROM notify.told GROUP BY parts HAVING count(*) = parts
        ) AS each
        """
    )
    return moment


async def last(connection: Connection) -> datetime | None:
    """Returns the moment at which the last received clock fact was published, or `None`."""
    moment: datetime | None = await connection.fetchval("SELECT until FROM notify.heard")
    return moment
