"""A month as it stands, what still waits of its items, and its closing for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from services.desk.domain.months import Month, MonthPromise
from services.desk.store.withdrawals import TAKEN_BACK
from shared.calendar.local_days import month_after
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class MonthChecks:
    """The counts of what should be decided before the figures of a month are closed."""

    to_qualify: int
    """Items whose service and category nobody has confirmed."""
    days: int
    """Items whose day of receipt is to be confirmed: it may be of another month."""
    quarantined: int
    """Arrivals that could not be read, and are no items yet."""
    held: int
    """Messages to senders that wait for a word."""
    without_copy: int
    """Replies that left without a copy kept: keyed or declared."""


async def checks(connection: Connection, month: date, zone: ZoneInfo) -> MonthChecks:
    """Counts what waits to be decided of the items received in a month.

    `month`: its first day.
    """
    after = month_after(month)
    row = await connection.fetchrow(
        f"""
        WITH mine AS MATERIALIZED (
            SELECT item_id FROM desk.items
            WHERE received_on >= $1 AND received_on < $2 AND state <> 'merged'
        )
        SELECT (SELECT count(*) FROM desk.waits w JOIN mine ON mine.item_id = w.id
                WHERE w.waiting = 'to_qualify') AS to_qualify,
               (SELECT count(*) FROM desk.waits w JOIN mine ON mine.item_id = w.id
                WHERE w.waiting = 'receipt_to_confirm') AS days,
               (SELECT count(*) FROM desk.arrivals a
                WHERE a.word = 'quarantine' AND a.received_at >= $3 AND a.received_at < $4)
                   AS quarantined,
               (SELECT count(*) FROM desk.notices n JOIN mine USING (item_id)
                WHERE n.state = 'held' AND NOT EXISTS (
                    SELECT FROM desk.facts f
                    WHERE f.item_id = n.item_id AND f.type IN ('NoticeReleased', 'NoticeDropped')
                      AND f.recorded_at >= n.at
                      AND f.payload::jsonb ->> 'notice_id' = n.notice_id::text)) AS held,
               (SELECT count(DISTINCT f.item_id) FROM desk.facts f JOIN mine USING (item_id)
                WHERE f.type = 'ReplySent'
                  AND f.payload::jsonb ->> 'proof' IN ('keyed', 'declared')
                  AND NOT {TAKEN_BACK}) AS without_copy
        """,  # noqa: S608  (our constant)
        month,
        after,
        datetime.combine(month, time(), zone),
        datetime.combine(after, time(), zone),
    )
    return MonthChecks(**dict(row or {}))


async def standing(connection: Connection, month: date) -> Sequence[MonthPromise]:
    """Returns the deadlines of items received in a month, with their present results."""
    rows = await connection.fetch(
        """
        SELECT item_id, clock, chrono, service, channel, complaint, result, limit_day, days
        FROM desk.judged_in($1, $1)
        """,
        month,
    )
    return [MonthPromise(**row) for row in rows]


async def close(connection: Connection, month: Month, promises: Sequence[MonthPromise]) -> None:
    """Stores the closed figures of a month: its head and its deadlines with their results."""
    await connection.execute(
        """
        INSERT INTO desk.closed_months (month, closed_at, as_of, by, rules, calendar, target,
                                        definition, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7::float8::numeric, $8, $9)
        """,
        month.month,
        month.closed_at,
        month.as_of,
        month.by,
        month.rules,
        month.calendar,
        month.target,
        month.definition,
        month.hash,
    )
    await connection.executemany(
        """
        INSERT INTO desk.closed_promises (month, item_id, clock, chrono, service, channel,
                                          complaint, result, limit_day, days)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        [
            (
                month.month,
                promise.item_id,
                promise.clock,
                promise.chrono,
                promise.service,
                promise.channel,
                promise.complaint,
                promise.result,
                promise.limit_day,
                promise.days,
            )
            for promise in promises
        ],
    )
