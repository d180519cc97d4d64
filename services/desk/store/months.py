"""Closed months: written once, read beside what the register says now."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from uuid import UUID

import asyncpg

from services.desk.domain.months import Month, MonthPromise
from services.desk.store.visibility import Visibility
from shared.facts.envelope import ItemId
from shared.platform.database import Connection


async def read_closed_month(connection: Connection, month: date) -> Month | None:
    """Reads the head of a month's closed figures; `None` while the month is open."""
    row = await connection.fetchrow("SELECT * FROM desk.closed_months WHERE month = $1", month)
    return None if row is None else Month(**{**row, "target": float(row["target"])})


async def every(connection: Connection) -> Sequence[Month]:
    """Returns the heads of all months whose figures are closed, the latest first."""
    rows = await connection.fetch("SELECT * FROM desk.closed_months ORDER BY month DESC")
    return [Month(**{**row, "target": float(row["target"])}) for row in rows]


async def promises(connection: Connection, month: date) -> Sequence[MonthPromise]:
    """Returns the deadlines of items in a closed month, with the results stored at its closing."""
    rows = await connection.fetch(
        """
        SELECT item_id, clock, chrono, service, channel, complaint, result, limit_day, days
        FROM desk.closed_promises WHERE month = $1
        """,
        month,
    )
    return [MonthPromise(**row) for row in rows]


async def moved_promises(
    connection: Connection, month: date, also: Sequence[UUID]
) -> Mapping[tuple[ItemId, str], tuple[MonthPromise | None, MonthPromise | None]]:
    """Returns the deadlines in a month's closed figures whose result has changed since.

    Each as it was closed and as it is now. `also`: items of which unchanged ones are returned too.
    """
    columns = ("chrono", "service", "channel", "complaint", "result", "limit_day", "days")
    both = ", ".join(f"c.{column} AS c_{column}, j.{column} AS j_{column}" for column in columns)
    rows = await connection.fetch(
        f"""
        SELECT item_id, clock, {both}
        FROM (SELECT * FROM desk.closed_promises WHERE month = $1) c
        FULL JOIN (SELECT * FROM desk.judged_in($1, $1)) j USING (item_id, clock)
        WHERE item_id = ANY($2::uuid[])
           OR (c.result, c.days, c.service, c.channel)
              IS DISTINCT FROM (j.result, j.days, j.service, j.channel)
        """,  # noqa: S608  (columns of ours)
        month,
        list(also),
    )

    def promise(row: asyncpg.Record, side: str) -> MonthPromise | None:
        if row[f"{side}_chrono"] is None:
            return None
        said = {column: row[f"{side}_{column}"] for column in columns}
        return MonthPromise(item_id=row["item_id"], clock=row["clock"], **said)

    return {
        (ItemId(row["item_id"]), row["clock"]): (promise(row, "c"), promise(row, "j"))
        for row in rows
    }


async def replies(connection: Connection, last: int) -> Mapping[date, Mapping[str, int]]:
    """Returns the counts of replies `kept` and `due` in the last closed months.

    As they were closed, and as they are now (`kept_now`, `due_now`).
    """
    rows = await connection.fetch(
        """
        SELECT month, kept, due, kept_now, due_now FROM desk.closed_rates
        ORDER BY month DESC LIMIT $1
        """,
        last,
    )
    return {
        row["month"]: {name: row[name] for name in ("kept", "due", "kept_now", "due_now")}
        for row in rows
    }


async def unknown(
    connection: Connection, item_ids: Sequence[UUID], seen: Visibility
) -> AbstractSet[UUID]:
    """Returns those of these items that a person may not know of."""
    rows = await connection.fetch(
        """
        SELECT item_id FROM desk.items i
        WHERE item_id = ANY($6::uuid[])
          AND NOT desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
        """,
        *seen,
        item_ids,
    )
    return {row["item_id"] for row in rows}
