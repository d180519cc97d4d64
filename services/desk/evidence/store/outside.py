"""What is out of the perimeter, and how it came there: by state, whoever or whatever decided it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.desk.domain.label_perimeter import SERVICE_OUTSIDE
from services.desk.store.visibility import Visibility
from services.desk.store.withdrawals import TAKEN_BACK
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Outside:
    """An item out of the perimeter (counted in no rate), with the fact that put it there."""

    chrono: str
    service: str
    put_on: date
    """The local day on which that was stated."""
    by: str
    rule: str | None
    """The rule of the site that proposed it, where it came in outside."""
    certain: bool
    """That rule is marked certain by the site."""
    confirmed: bool
    """A person stated it, or has qualified the item since."""
    reason: str | None
    """A code of the site, or SERVICE_OUTSIDE: two persons left the service out of the label."""
    account: str | None
    limit: date | None
    """Of its reply, as told last; `None`: no reply was ever promised."""
    commitment: str | None
    rules: int | None
    """The version of the rules by which that limit was counted last."""
    replied_on: date | None


async def outside(
    connection: Connection, first: date, last: date, zone: ZoneInfo, seen: Visibility
) -> Sequence[Outside]:
    """Returns the items out of the perimeter that were received or put out in a period.

    Such items count in no rate. `first` and `last` are local days.
    """
    rows = await connection.fetch(
        f"""
        WITH asked AS (
            SELECT item_id FROM desk.items WHERE received_on BETWEEN $9 AND $10 AND NOT perimeter
            UNION
            SELECT item_id FROM desk.facts
            WHERE recorded_at >= $6 AND recorded_at < $7 AND type = 'ItemReclassified'
        ), left_out AS (
            SELECT i.item_id, p.by, greatest(p.recorded_at, i.registered_at) AS recorded_at
            FROM desk.items i, desk.perimeter_change(i.outside_service, i.received_on) AS p
            WHERE i.outside_service IS NOT NULL
              AND (i.received_on BETWEEN $9 AND $10
                   OR p.recorded_at >= $6 AND p.recorded_at < $7)
        ), classified AS (
            SELECT f.item_id, f.seq, f.by, f.recorded_at, f.payload::jsonb AS said,
                   (f.payload::jsonb #> '{{classification,perimeter}}')::boolean AS inside
            FROM desk.facts f JOIN asked USING (item_id)
            WHERE f.type IN ('ItemRegistered', 'ItemReclassified') AND NOT {TAKEN_BACK}
        ), put AS (
            SELECT DISTINCT ON (c.item_id) c.*
            FROM classified c
            WHERE NOT c.inside AND c.seq > coalesce(
                (SELECT max(b.seq) FROM classified b WHERE b.item_id = c.item_id AND b.inside), 0)
            ORDER BY c.item_id, c.seq
        )
        SELECT i.chrono, i.service, (l.recorded_at AT TIME ZONE $8)::date AS put_on, l.by,
               NULL AS rule, false AS certain, true AS confirmed, $11 AS reason, NULL AS account,
               c.limit_day AS "limit", c.commitment, c.rules,
               (i.answered_at AT TIME ZONE $8)::date AS replied_on
        FROM left_out l JOIN desk.items i USING (item_id)
        LEFT JOIN desk.clocks c ON c.item_id = i.item_id AND c.clock = 'reply'
        WHERE i.state <> 'merged'
          AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
        UNION ALL
        SELECT i.chrono, i.service, (put.recorded_at AT TIME ZONE $8)::date, put.by,
               put.said #>> '{{proposal,rule}}',
               put.said #>> '{{proposal,certain}}' IS NOT NULL,
               put.by LIKE 'person:%' OR EXISTS (
                   SELECT 1 FROM desk.facts f
                   WHERE f.item_id = i.item_id AND f.seq > put.seq AND f.by LIKE 'person:%'
                     AND NOT {TAKEN_BACK}
                     AND (f.type = 'ItemReclassified' OR f.type = 'WaitEnded'
                          AND f.payload::jsonb ->> 'waiting' = 'to_qualify')),
               put.said #>> '{{classification,reason}}',
               put.said #>> '{{shell,account}}', c.limit_day, c.commitment, c.rules,
               (i.answered_at AT TIME ZONE $8)::date
        FROM put JOIN desk.items i USING (item_id)
        LEFT JOIN desk.clocks c ON c.item_id = i.item_id AND c.clock = 'reply'
        WHERE NOT i.perimeter AND i.state <> 'merged'
          AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
        ORDER BY put_on, chrono
        """,  # noqa: S608  (a constant of store/facts.py)
        *seen,
        datetime.combine(first, time.min, zone),
        datetime.combine(last + timedelta(days=1), time.min, zone),
        zone.key,
        first,
        last,
        SERVICE_OUTSIDE,
    )
    return [Outside(**row) for row in rows]
