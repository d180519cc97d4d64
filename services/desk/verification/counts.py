"""The sums that gauges, pages and dashboards read, counted again from the rows they stand for."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from services.desk.domain.difference import NOTHING, Difference
from services.desk.verification.ground import VerificationContext
from shared.database import transaction

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


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Every cell of every table of counts."""
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
