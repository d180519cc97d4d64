"""For how long what a schema has to tell has waited: told by whoever writes it.

A process of pages writes facts that another process tells: where that one is down, the age still
grows where somebody sees it (docs/decisions/0218).
"""

from collections.abc import Sequence
from datetime import timedelta

from shared.platform.database import Connection, Pool, glance
from shared.platform.observability.metric_definitions import GaugeOf, Label, MetricDefinition
from shared.platform.observability.telemetry import Telemetry

AGE = GaugeOf(
    "vaguemestre_outbox_age_seconds",
    "For how long the oldest fact has waited.",
    "seconds",
    (Label.SCHEMA,),
)
TABLE: Sequence[MetricDefinition] = (AGE,)


def show_age(telemetry: Telemetry, glances: Pool, schema: str) -> None:
    """Registers the gauge of a schema's oldest fact that was not told, set at each scrape."""
    age = AGE.on(telemetry.registry).labels(schema)

    async def ask() -> None:
        async with glance(glances) as connection:
            age.set((await oldest_age(connection, schema)).total_seconds())

    telemetry.on_scrape(ask)


async def oldest_age(pool: "Pool | Connection", schema: str) -> timedelta:
    """Returns how long ago the oldest unpublished outbox fact was written; zero if there is none.

    By PostgreSQL's clock, not the application's. Facts awaiting a repeat publication don't count.
    """
    age: timedelta = await pool.fetchval(
        f"""
        SELECT coalesce(clock_timestamp() - (
            SELECT created_at FROM "{schema}".outbox JOIN "{schema}".outbox_waiting USING (id)
            WHERE NOT again ORDER BY id LIMIT 1), interval '0')
        """  # noqa: S608  (a schema is a name of our code, not input)
    )
    return max(age, timedelta())
