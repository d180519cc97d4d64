"""A span of closed months, and the root that sealed the closing of the last of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.domain.months import Month
from services.desk.domain.roots import Root
from services.desk.quality.domain.label_calendar import after
from services.desk.store import months, quality, roots
from shared.facts.envelope import Digest
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """Months of a span: those that are closed, the earliest first, and those that are not.

    Each closed month has a hash that proves it. None may be closed: then `heads` is empty.
    """

    heads: Sequence[Month]
    missing: Sequence[date]
    """Months of the span that are not closed, by their first day."""
    root: Root | None
    """The root that sealed the last of their closings; `None`: one is not sealed yet."""

    @property
    def first(self) -> date:
        """The first day of the earliest month that is closed; there must be one."""
        return self.heads[0].month

    @property
    def last(self) -> date:
        """The first day of the latest month that is closed; there must be one."""
        return self.heads[-1].month

    @property
    def digest(self) -> Digest:
        """The hash of the closed month, or of the lines `month hash` of several."""
        if len(self.heads) == 1:
            return Digest(self.heads[0].hash)
        lines = "".join(f"{head.month.isoformat()} {head.hash}\n" for head in self.heads)
        return Digest(hashlib.sha256(lines.encode()).hexdigest())


async def closed_span(connection: Connection, site: str, last: date, count: int) -> ClosedSpan:
    """Reads the span of `count` months that ends with the month of first day `last`."""
    wanted = [after(last, -number) for number in reversed(range(count))]
    heads = {head.month: head for head in await months.every(connection) if head.month in wanted}
    return ClosedSpan(
        [heads[month] for month in wanted if month in heads],
        [month for month in wanted if month not in heads],
        await _sealed(connection, site, [*heads]),
    )


async def _sealed(connection: Connection, site: str, closed: Sequence[date]) -> Root | None:
    """The first root under which all these closings stand."""
    row = await connection.fetchrow(
        f"""
        WITH sealed AS (
            SELECT f.subject_id, min(h.night) AS night
            FROM desk.quality_facts f JOIN desk.root_heads h ON h.item_id = f.chain_id
            WHERE f.type = 'MonthClosed' AND f.subject_id = ANY ($1::uuid[]) AND h.seq >= f.seq
            GROUP BY f.subject_id
        )
        SELECT {roots.COLUMNS} FROM desk.roots
        WHERE night = (SELECT max(night) FROM sealed) AND (SELECT count(*) FROM sealed) = $2
        """,  # noqa: S608  (a constant of ours)
        [quality.month_id(site, month.isoformat()) for month in closed],
        len(closed),
    )
    return None if row is None else roots.root_of(row)
