"""What is derived from the register's rows, derived again: sums, and what the portal shows.

Sums are those that gauges, pages and dashboards read.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

from services.desk.evidence.domain.difference import NOTHING, Difference
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.store.deposits import ANSWERED_FOR
from shared.platform.database import transaction

SOURCES: Final[Mapping[str, str]] = {
    "indicators_counts": """
        SELECT service, channel, complaint, clock, month, result, open_until, days
        FROM desk.indicators
    """,
    "items_counts": """
        SELECT service, channel, state, perimeter, nature = 'complaint' AS complaint,
               date_trunc('month', received_on::timestamp)::date AS month
        FROM desk.items
    """,
    "arrivals_counts": "SELECT source, word FROM desk.arrivals",
    "closed_promises_counts": """
        SELECT month, service, channel, complaint, clock, result FROM desk.closed_promises
    """,
    "letter_uses_counts": "SELECT letter, number FROM desk.letter_uses",
}
"""Each table of counts, and the rows whose cells it counts (sql/0050, 0053, 0021)."""

_RECOUNT = """
    WITH kept AS (SELECT {cell}, sum(n) AS n FROM desk.{table} GROUP BY {cell}),
         again AS (SELECT {cell}, count(*) AS n FROM ({source}) AS rows GROUP BY {cell})
    SELECT concat_ws(' ', {cell}) AS cell, coalesce(again.n, 0)::bigint AS counted,
           coalesce(kept.n, 0)::bigint AS kept
    FROM kept FULL JOIN again USING ({cell})
    WHERE coalesce(again.n, 0) <> coalesce(kept.n, 0) ORDER BY 1 LIMIT 100
"""

_COMPARE = """
    WITH kept AS (SELECT arrival_id, concat_ws(' ', state, chrono, service, missing) AS said
                  FROM portal.followed),
         again AS (SELECT arrival_id, chrono, recorded_at,
                          concat_ws(' ', state, chrono, service, missing) AS said
                   FROM portal.following)
    SELECT coalesce(again.chrono, arrival_id::text) AS subject, again.said AS says,
           kept.said AS shown
    FROM kept FULL JOIN again USING (arrival_id)
    WHERE again.said IS DISTINCT FROM kept.said
      AND (kept.said IS NOT NULL OR again.recorded_at >= $1) ORDER BY 1 LIMIT 100
"""


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Counts again what the tables of counts hold; yields each row that differs."""
    for table, source in SOURCES.items():
        async with transaction(ground.pool, readonly=True) as connection:
            cell = await connection.fetchval(
                """
                SELECT array_to_string(cell, ', ') FROM site.counted
                WHERE schema_name = 'desk' AND table_name = $1
                """,
                table,
            )
            rows = await connection.fetch(_RECOUNT.format(cell=cell, table=table, source=source))
        for row in rows:
            what = f"count of {table.removesuffix('_counts')}"
            subject = row["cell"] or NOTHING
            yield Difference("count", subject, what, str(row["counted"]), str(row["kept"]))


async def check_followed(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies what the portal shows of each deposit (`portal.followed`); yields differences."""
    since = ground.now - ANSWERED_FOR + timedelta(days=1)
    async with transaction(ground.pool, readonly=True) as connection:
        rows = await connection.fetch(_COMPARE, since)
    for row in rows:
        says, shown = row["says"] or NOTHING, row["shown"] or NOTHING
        yield Difference("followed", row["subject"], "shown to the public", says, shown)
