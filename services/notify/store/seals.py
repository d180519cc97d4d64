"""The roots of the evidence as they were told, and by which roads each left."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.facts.envelope import Digest, EventId, NoticeId
from shared.facts.items.evidence import EvidenceSealed
from shared.platform.database import Connection
from shared.site.staff.roads import Road
from shared.site.texts.pages import Seal


async def keep_new(connection: Connection, told: Sequence[EvidenceSealed]) -> AbstractSet[EventId]:
    """Stores evidence roots that are new and returns the ids of their facts.

    Until the transaction ends nobody else plans mails of roots (an advisory lock).
    """
    if not told:
        return set()
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('notify roots'))")
    rows = await connection.fetch(
        """
        INSERT INTO notify.seals (event_id, day, root, chains, night, sealed_at)
        SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::int[], $5::int[],
                             $6::timestamptz[])
        ON CONFLICT DO NOTHING RETURNING event_id
        """,
        [fact.event_id for fact in told],
        [fact.day for fact in told],
        [fact.root for fact in told],
        [fact.chains for fact in told],
        [fact.seq for fact in told],
        [fact.happened_at for fact in told],
    )
    return {EventId(row["event_id"]) for row in rows}


async def waiting_roots(connection: Connection, road: Road, again: int) -> Sequence[UUID]:
    """Returns the evidence roots that no email to this recipient (road) tells yet, oldest first.

    Also listed are the last roots, at most `again`, whose mails all failed or bounced since the
    last root that was sent.
    """
    rows = await connection.fetch(
        """
        WITH said AS (
            SELECT event_id, day, night, bool_or(state = 'sent') AS sent,
                   bool_and(state IN ('failed', 'bounced')) AS lost
            FROM notify.roots_left WHERE road = $1 GROUP BY event_id, day, night
        ), last AS (
            SELECT day, night FROM said WHERE sent ORDER BY day DESC, night DESC LIMIT 1
        ), lost AS (
            SELECT event_id FROM said
            WHERE lost AND NOT EXISTS (
                SELECT FROM last WHERE (last.day, last.night) > (said.day, said.night))
            ORDER BY day DESC, night DESC LIMIT $2
        )
        SELECT event_id FROM notify.seals
        WHERE event_id NOT IN (SELECT event_id FROM said) OR event_id IN (SELECT event_id FROM lost)
        ORDER BY day, night
        """,
        road.value,
        again,
    )
    return [row["event_id"] for row in rows]


async def unsent(connection: Connection, road: Road) -> NoticeId | None:
    """Finds and locks a planned email to a recipient to which roots may be added, or `None`.

    One that is locked already is passed over, since a worker is sending it.
    """
    found = await connection.fetchval(
        """
        SELECT notice_id FROM notify.ledger
        WHERE kind = 'roots' AND state = 'planned'
          AND notice_id IN (SELECT notice_id FROM notify.root_roads WHERE road = $1)
        LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        road.value,
    )
    return None if found is None else NoticeId(found)


async def assign(
    connection: Connection, road: Road, roots: Sequence[UUID], notice: NoticeId
) -> None:
    """Stores that an email tells these evidence roots to one recipient (road)."""
    await connection.execute(
        """
        INSERT INTO notify.root_roads (event_id, road, notice_id, root)
        SELECT event_id, $2, $3, root FROM notify.seals WHERE event_id = ANY($1::uuid[])
        """,
        list(roots),
        road.value,
        notice,
    )


async def of_notice(
    connection: Connection, notice: NoticeId, zone: ZoneInfo
) -> tuple[Road, Sequence[Seal]] | None:
    """Reads which evidence roots an email tells, oldest first, and its recipient, or `None`."""
    rows = await connection.fetch(
        """
        SELECT said.road, seal.day, said.root, seal.chains, seal.sealed_at
        FROM notify.root_roads said JOIN notify.seals seal USING (event_id)
        WHERE said.notice_id = $1 ORDER BY seal.day, seal.night
        """,
        notice,
    )
    if not rows:
        return None
    return Road(rows[0]["road"]), [
        Seal(
            row["day"],
            Digest(row["root"]),
            row["chains"],
            None if row["sealed_at"] is None else row["sealed_at"].astimezone(zone),
        )
        for row in rows
    ]


async def first_of(connection: Connection, road: Road, day: date) -> NoticeId | None:
    """Returns the first email of a day to a recipient (road), whose thread later ones continue.

    `None`: there is none yet.
    """
    found = await connection.fetchval(
        """
        SELECT said.notice_id FROM notify.root_roads said JOIN notify.seals seal USING (event_id)
        WHERE said.road = $1 AND seal.day = $2 ORDER BY seal.night LIMIT 1
        """,
        road.value,
        day,
    )
    return None if found is None else NoticeId(found)


LOOKED_BACK = timedelta(days=60)
"""A road that said nothing for so long is not older than that."""


@dataclass(frozen=True, slots=True)
class RoadAge:
    """Moments at which evidence roots for one recipient (road) were sealed."""

    last: datetime
    """When the last root that left was sealed; none left: the first that was to leave."""
    waiting: datetime | None
    """When the first one after it was sealed that is to leave and has not; `None`: all left."""


async def ages(connection: Connection, now: datetime) -> Mapping[Road, RoadAge]:
    """Returns, by recipient (road), when the last emailed and the first unsent root were sealed.

    Where none was emailed, when the first of all was sealed. Locks nothing.
    """
    rows = await connection.fetch(
        """
        WITH said AS (
            SELECT road.road, one.state = 'sent' AS sent,
                   (seal.day, coalesce(seal.night, 0)) AS place,
                   coalesce(seal.sealed_at, seal.day + interval '1 day') AS sealed_at
            FROM notify.seals seal
            JOIN notify.root_roads road USING (event_id)
            LEFT JOIN notify.ledger one ON one.notice_id = road.notice_id
            WHERE seal.day >= $1
        ), last AS (
            SELECT DISTINCT ON (road) road, place, sealed_at FROM said WHERE sent
            ORDER BY road, place DESC
        )
        SELECT road, coalesce(max(last.sealed_at), min(said.sealed_at)) AS last,
               min(said.sealed_at) FILTER (WHERE last.place IS NULL OR said.place > last.place)
                   AS waiting
        FROM said LEFT JOIN last USING (road) GROUP BY road
        """,
        (now - LOOKED_BACK).date(),
    )
    return {Road(row["road"]): RoadAge(row["last"], row["waiting"]) for row in rows}
