"""Figures before and after a change of the label's perimeter: what its items count for."""

from collections.abc import Sequence
from datetime import date

from services.desk.domain.codes import CLOCKS
from services.desk.domain.wilson import interval
from services.desk.quality.domain.figures import COMPLAINT, REPLY, FigureKey, FigureRow
from services.desk.quality.domain.perimeter_preview import MovedPromises, PreviewLine
from services.desk.quality.store.figures import FigureQuestion, figures
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

_CELLS = """
    WITH promises AS (
        SELECT date_trunc('month', coalesce(c.day_zero, i.received_on)::timestamp)::date AS month,
               c.clock, i.nature = 'complaint' AS complaint, c.limit_day,
               desk.result_of(true, i.state, c.outcome, c.stopped_at, c.limit_day) AS result
        FROM desk.items i JOIN desk.clocks c USING (item_id) WHERE i.item_id = ANY ($1::uuid[])
    )
    SELECT p.month, p.clock, p.complaint, m.month IS NOT NULL AS closed,
           (count(*) FILTER (WHERE result = 'kept'))::int AS k,
           (count(*) FILTER (WHERE result IN ('kept', 'late', 'closed')
                                OR result = 'open' AND limit_day < today))::int AS n,
           (count(*) FILTER (WHERE result = 'late'
                                OR result = 'open' AND limit_day < today))::int AS late,
           (count(*) FILTER (WHERE result = 'observed'
                                OR result = 'open' AND limit_day >= today))::int AS waiting,
           count(*)::int AS promises
    FROM desk.today() AS today, promises p LEFT JOIN desk.closed_months m USING (month)
    WHERE p.result <> 'excluded' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
"""


async def moved_figures(
    connection: Connection, item_ids: Sequence[ItemId]
) -> tuple[Sequence[MovedPromises], int, Sequence[tuple[date, int]]]:
    """Counts the promises of items that rates would gain or lose, by month; late replies apart.

    Returns the promises of open months, the number of late replies, and the number of promises of
    each closed month, whose figures stay.
    """
    rows = await connection.fetch(_CELLS, item_ids)
    cells = [
        MovedPromises(row["month"], code, row["k"], row["n"], row["waiting"])
        for row in rows
        if not row["closed"]
        for code in _codes(row["clock"], complaint=row["complaint"])
    ]
    closed = {row["month"]: 0 for row in rows if row["closed"]}
    for month in closed:
        closed[month] = sum(r["promises"] for r in rows if r["closed"] and r["month"] == month)
    late = sum(row["late"] for row in rows if CLOCKS[row["clock"]] == REPLY)
    return cells, late, list(closed.items())


def _codes(clock: str, *, complaint: bool) -> Sequence[str]:
    code = CLOCKS[clock]
    return (code, COMPLAINT) if complaint and code == REPLY else (code,)


async def lines(
    connection: Connection, leaving: Sequence[MovedPromises], coming: Sequence[MovedPromises]
) -> Sequence[PreviewLine]:
    """Returns figures of open months, of all services, before and after a perimeter change."""
    keys = sorted({(cell.month, cell.code) for cell in (*leaving, *coming)})
    if not keys:
        return []
    asked = FigureQuestion(keys[0][0], keys[-1][0])
    table = await figures(connection, asked, sorted({code for _, code in keys}))
    found = []
    for month, code in keys:
        before = table.of(code, month=month)
        out = [cell for cell in leaving if (cell.month, cell.code) == (month, code)]
        back = [cell for cell in coming if (cell.month, cell.code) == (month, code)]
        k = before.k - sum(cell.k for cell in out) + sum(cell.k for cell in back)
        n = before.n - sum(cell.n for cell in out) + sum(cell.n for cell in back)
        waiting = (
            before.waiting - sum(cell.waiting for cell in out) + sum(cell.waiting for cell in back)
        )
        after = FigureRow(FigureKey(code, month=month), k, n, *interval(k, n), open=waiting)
        found.append(PreviewLine(month, code, before, after))
    return found
