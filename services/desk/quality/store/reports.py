"""What the reports of quality ask: late replies, complaints by theme, what is outside."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from services.desk.quality.domain.complaints import ComplaintFigure
from services.desk.quality.domain.figures import COMPLAINT, FigureKey, FigureRow, ReplyDelay
from services.desk.quality.domain.lateness import LateReply, LateStage, Move
from services.desk.quality.domain.outside import OutsideCount, OutsideWay
from services.desk.quality.domain.passages import Passage, PassageTable
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store.visibility import Visibility
from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.envelope import ItemId
from shared.platform.database import Connection


async def late_replies(
    connection: Connection, asked: FigureQuestion, zone: ZoneInfo
) -> Sequence[LateReply]:
    """Reads the items of a span of months whose reply is late, by chrono.

    As many as the figures of the same query say.
    """
    rows = await connection.fetch(
        """
        SELECT l.item_id, l.chrono, l.service, l.channel, l.month, l.result, l.limit_day, l.days,
               l.cause, l.received_on, (l.answered_at AT TIME ZONE $5)::date AS replied_on,
               (c.stopped_at AT TIME ZONE $5)::date AS ended_on
        FROM desk.late_replies($1, $2, $3::text[], $4::text[]) l
        LEFT JOIN desk.clocks c ON c.item_id = l.item_id AND c.clock = 'reply'
        ORDER BY l.chrono
        """,
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
        zone.key,
    )
    return [LateReply(**row) for row in rows]


async def causes(connection: Connection, asked: FigureQuestion) -> Mapping[str | None, int]:
    """Counts the late replies of a span of months by stated cause; `None`: without a cause."""
    rows = await connection.fetch(
        """
        SELECT cause, count(*)::int AS n FROM desk.late_replies($1, $2, $3::text[], $4::text[])
        GROUP BY cause
        """,
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
    )
    return {row["cause"]: row["n"] for row in rows}


async def moves(
    connection: Connection, item_ids: Sequence[UUID], office: str, zone: ZoneInfo
) -> Mapping[UUID, Sequence[Move]]:
    """Reads late items' changes of stage (sorting, service, signature), in order.

    Without what was withdrawn. `office`: the mail office, with which an item waits for its service.
    """
    rows = await connection.fetch(
        f"""
        SELECT f.item_id, (CASE f.type WHEN 'ItemRegistered' THEN f.recorded_at
                                ELSE f.happened_at END AT TIME ZONE $3)::date AS day,
               CASE f.type WHEN 'ReplyInSignature' THEN 'signature'
                           WHEN 'WaitStarted' THEN 'routing'
                           WHEN 'ItemAssigned' THEN
                               CASE WHEN f.payload::jsonb ->> 'service' = $2 THEN 'routing'
                                    ELSE 'service' END
                           ELSE 'service' END AS stage
        FROM desk.facts f
        WHERE f.item_id = ANY ($1::uuid[])
          AND (f.type IN ('ItemAssigned', 'ReplyInSignature', 'SignatureReturned')
               OR f.type = 'ItemRegistered' AND f.payload::jsonb ->> 'qualified' = 'true'
               OR f.type IN ('WaitStarted', 'WaitEnded')
                  AND f.payload::jsonb ->> 'waiting' = 'to_qualify')
          AND NOT {TAKEN_BACK}
        ORDER BY f.item_id, f.seq
        """,  # noqa: S608  (our constant)
        item_ids,
        office,
        zone.key,
    )
    found = defaultdict[UUID, list[Move]](list)
    for row in rows:
        found[row["item_id"]].append(Move(row["item_id"], row["day"], LateStage(row["stage"])))
    return found


async def visible_items(
    connection: Connection, item_ids: Sequence[UUID], seen: Visibility
) -> frozenset[ItemId]:
    """Returns those of these items that a person may know of (permission)."""
    rows = await connection.fetch(
        """
        SELECT i.item_id FROM desk.items i
        WHERE i.item_id = ANY ($6::uuid[])
          AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
        """,
        *seen,
        item_ids,
    )
    return frozenset(ItemId(row["item_id"]) for row in rows)


async def complaints(connection: Connection, asked: FigureQuestion) -> Sequence[ComplaintFigure]:
    """Reads the figures of complaints and suggestions by theme and channel, with every total."""
    rows = await connection.fetch(
        """
        SELECT nature, theme, channel, received, k, n, low, high, late, overdue, unanswered, open,
               observed, delays, median, ninth_decile
        FROM desk.complaints($1, $2, $3::text[], $4::text[])
        """,
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
    )
    return [
        ComplaintFigure(
            row["nature"],
            row["theme"],
            row["channel"],
            row["received"],
            FigureRow(
                FigureKey(COMPLAINT, None, row["channel"]),
                *(row["k"], row["n"], row["low"], row["high"]),
                *(row["late"], row["overdue"], row["unanswered"], row["open"], row["observed"]),
            ),
            None
            if not row["delays"]
            else ReplyDelay(
                None, row["channel"], row["delays"], row["median"], row["ninth_decile"]
            ),
        )
        for row in rows
    ]


async def outside(connection: Connection, asked: FigureQuestion) -> Sequence[OutsideCount]:
    """Reads the counts of items out of the perimeter, by reason, way, service and channel."""
    rows = await connection.fetch(
        """
        SELECT reason, way, service, channel, n, late
        FROM desk.outside($1, $2, $3::text[], $4::text[])
        """,
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
    )
    return [OutsideCount(**{**row, "way": OutsideWay(row["way"])}) for row in rows]


async def passages(connection: Connection, asked: FigureQuestion) -> PassageTable:
    """Reads how the items of a span of months were registered and answered, with every total."""
    rows = await connection.fetch(
        "SELECT * FROM desk.passages($1, $2, $3::text[], $4::text[])",
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
    )
    return PassageTable([Passage(**row) for row in rows])
