"""What the mail office sorted: what it decided last, and how well the rules proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.store.states import NOT_DONE
from shared.facts.envelope import BlobKey, Chrono, ItemId, ServiceId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Sorted:
    """The last qualification of an item by a person, which they can undo."""

    item_id: ItemId
    chrono: Chrono
    at: datetime
    category: str
    service: str
    into: Chrono | None
    closed: bool


_SORTED = """
    SELECT e.item_id, e.recorded_at, e.by FROM desk.facts e
    WHERE e.type = 'WaitEnded' AND e.recorded_at >= $1
      AND e.payload::jsonb ->> 'waiting' = 'to_qualify'
      AND NOT EXISTS (SELECT 1 FROM desk.facts s
                      WHERE s.item_id = e.item_id AND s.seq > e.seq AND s.type = 'WaitStarted'
                        AND s.payload::jsonb ->> 'waiting' = 'to_qualify')
"""
"""Of each item that was sorted since $1, the fact that says so: not sorted again since."""
_ENDED = f"{_SORTED} AND e.by LIKE 'person:%'"
"""The same of those that persons sorted."""


async def last(
    connection: Connection, by: str, since: datetime, chrono: str | None = None
) -> Sorted | None:
    """Returns an author's last qualification since a moment (of item `chrono`), or `None`."""
    row = await connection.fetchrow(
        f"""
        WITH ended AS ({_SORTED})
        SELECT i.item_id, i.chrono, e.recorded_at AS at, i.category, i.service,
               other.chrono AS into, i.state = 'closed' AS closed
        FROM ended e JOIN desk.items i USING (item_id)
        LEFT JOIN desk.items other ON other.item_id = i.merged_into
        WHERE e.by = $2 AND ($3::text IS NULL OR i.chrono = $3)
        ORDER BY e.recorded_at DESC, i.chrono DESC LIMIT 1
        """,  # noqa: S608  (a constant of this module)
        since,
        by,
        chrono,
    )
    return None if row is None else Sorted(**row)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of items since a moment: registered, qualified by rule or person, corrected."""

    registered: int
    """Items that came through the door."""
    by_rule: int
    """Of those, sorted by a certain rule: nobody had to look."""
    by_person: int
    corrected: int
    """Sorted by a person otherwise than proposed."""


_CORRECTED = """
    EXISTS (SELECT 1 FROM desk.facts c
            WHERE c.item_id = e.item_id AND c.recorded_at = e.recorded_at AND c.by = e.by
              AND c.type IN ('ItemReclassified', 'ItemAssigned'))
"""


async def figures(connection: Connection, since: datetime) -> Figures:
    """Counts the items opened by arrivals, and qualified by rule or person, since a moment."""
    row = await connection.fetchrow(
        f"""
        WITH ended AS ({_ENDED}), came AS (
            SELECT (payload::jsonb ->> 'qualified')::boolean AS qualified FROM desk.facts
            WHERE type = 'ItemRegistered' AND recorded_at >= $1
              AND payload::jsonb ->> 'arrival_id' IS NOT NULL
        )
        SELECT (SELECT count(*) FROM came)::int AS registered,
               (SELECT count(*) FROM came WHERE qualified)::int AS by_rule,
               (SELECT count(*) FROM ended)::int AS by_person,
               (SELECT count(*) FROM ended e WHERE {_CORRECTED})::int AS corrected
        """,  # noqa: S608  (constants of this module)
        since,
    )
    return Figures(**row) if row else Figures(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class RoutingCorrection:
    """Items that a routing rule proposed for one category and people put into another."""

    rule: str
    proposed: str
    category: str
    service: str
    plis: Sequence[BlobKey]
    count: int
    certain: bool
    """Whether the rule decided alone: then it has to be put right."""


async def corrections(
    connection: Connection, since: datetime, *, least: int = 2, limit: int = 5
) -> Sequence[RoutingCorrection]:
    """Returns people's most frequent corrections of routing proposals since a moment.

    At most `limit`, each made `least` times or more, while qualifying or later by reclassifying.
    """
    rows = await connection.fetch(
        f"""
        WITH ended AS ({_ENDED}), corrected AS (
            SELECT e.item_id FROM ended e WHERE {_CORRECTED}
            UNION
            SELECT later.item_id FROM desk.facts later
            WHERE later.type = 'ItemReclassified' AND later.recorded_at >= $1
              AND later.by LIKE 'person:%'
        )
        SELECT r.said #>> '{{proposal,rule}}' AS rule,
               r.said #>> '{{classification,category}}' AS proposed,
               i.category, i.service, count(*)::int AS count,
               bool_or(r.said #>> '{{proposal,certain}}' IS NOT NULL) AS certain,
               (array_agg(r.said ->> 'pli') FILTER (WHERE r.said ->> 'pli' IS NOT NULL
                                                      AND i.confidentiality = 'normal'))[1:12]
                   AS plis
        FROM corrected e JOIN desk.items i USING (item_id)
        JOIN LATERAL (SELECT payload::jsonb AS said FROM desk.facts
                      WHERE item_id = e.item_id AND type = 'ItemRegistered' AND seq = 1) r ON true
        WHERE r.said -> 'proposal' IS NOT NULL
          AND (r.said #>> '{{classification,category}}' <> i.category
               OR r.said ->> 'service' <> i.service)
          AND i.state NOT IN ('merged', 'to_qualify')
        GROUP BY 1, 2, 3, 4 HAVING count(*) >= $2
        ORDER BY count(*) DESC, 3 LIMIT $3
        """,  # noqa: S608  (constants of this module)
        since,
        least,
        limit,
    )
    return [
        RoutingCorrection(
            row["rule"] or "",
            row["proposed"],
            row["category"],
            row["service"],
            [BlobKey(key) for key in row["plis"] or ()],
            row["count"],
            row["certain"],
        )
        for row in rows
    ]


async def frequent(connection: Connection, limit: int = 12) -> Sequence[ServiceId]:
    """Returns the `limit` services with the most unanswered items, the busiest first."""
    rows = await connection.fetch(
        f"""
        SELECT service FROM desk.items
        WHERE {NOT_DONE}
        GROUP BY service ORDER BY count(*) DESC, service LIMIT $1
        """,  # noqa: S608  (a constant of states.py)
        limit,
    )
    return [ServiceId(row["service"]) for row in rows]
