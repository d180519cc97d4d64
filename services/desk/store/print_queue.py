"""What the mail office prints: letters that notify made, numbers of stickers, lines of a slip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from shared.facts.envelope import BlobKey, Chrono, ItemId, NoticeId
from shared.facts.vocabulary import Category, Channel, Nature, NoticeKind
from shared.platform.database import Connection

FIRST_ALONE = 1_000
"""Room left for stickers printed by the command line before the register counted them."""


@dataclass(frozen=True, slots=True)
class ToPrint:
    """A letter to a sender that is ready to be printed and posted."""

    notice_id: NoticeId
    item_id: ItemId
    chrono: Chrono
    service: str
    kind: NoticeKind
    since: datetime
    document: BlobKey


async def to_print(
    connection: Connection, notice: UUID | None = None, limit: int = 200
) -> Sequence[ToPrint]:
    """Returns the `limit` oldest letters to print and post; `notice`: only that one."""
    rows = await connection.fetch(
        """
        SELECT n.notice_id, n.item_id, i.chrono, i.service, n.kind, n.at AS since, n.document
        FROM desk.waits w
        JOIN desk.notices n ON n.item_id = w.id
        JOIN desk.items i ON i.item_id = n.item_id
        WHERE w.waiting = 'to_print' AND n.state = 'planned' AND n.way = 'paper'
          AND n.document IS NOT NULL AND ($1::uuid IS NULL OR n.notice_id = $1)
        ORDER BY n.at, i.chrono LIMIT $2
        """,
        notice,
        limit,
    )
    return [_to_print(row) for row in rows]


def _to_print(row: asyncpg.Record) -> ToPrint:
    return ToPrint(
        NoticeId(row["notice_id"]),
        ItemId(row["item_id"]),
        Chrono(row["chrono"]),
        row["service"],
        NoticeKind(row["kind"]),
        row["since"],
        BlobKey(row["document"]),
    )


async def take_labels(connection: Connection, count: int, person: str, now: datetime) -> int:
    """Reserves `count` sticker numbers that were never printed; returns the first."""
    # One at a time: two persons who print at once must not have the same numbers.
    await connection.execute("LOCK TABLE desk.printed_labels IN EXCLUSIVE MODE")
    first = await next_label(connection)
    await connection.execute(
        "INSERT INTO desk.printed_labels (first, last, by, printed_at) VALUES ($1, $2, $3, $4)",
        first,
        first + count - 1,
        person,
        now,
    )
    return first


async def note_labels(
    connection: Connection, first: int, last: int, person: str, now: datetime
) -> bool:
    """Records that sticker numbers were printed elsewhere; returns False if some were taken."""
    await connection.execute("LOCK TABLE desk.printed_labels IN EXCLUSIVE MODE")
    status = await connection.execute(
        """
        INSERT INTO desk.printed_labels (first, last, by, printed_at)
        SELECT $1, $2, $3, $4
        WHERE NOT EXISTS (SELECT FROM desk.printed_labels WHERE first <= $2 AND last >= $1)
        """,
        first,
        last,
        person,
        now,
    )
    return bool(status == "INSERT 0 1")


async def next_label(connection: Connection) -> int:
    """Returns the next sticker number that was never printed."""
    found: int = await connection.fetchval(
        """
        SELECT greatest(
            (SELECT max(last) FROM desk.printed_labels),
            (SELECT (max(label::int) / $1 + 1) * $1 FROM desk.labels
             WHERE label ~ '^[0-9]{1,9}$'
               AND NOT EXISTS (SELECT 1 FROM desk.printed_labels)), 0) + 1
        """,
        FIRST_ALONE,
    )
    return found


async def was_taken(connection: Connection, first: int, count: int) -> bool:
    """Returns whether these sticker numbers were reserved together, as one batch."""
    taken: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM desk.printed_labels WHERE first = $1 AND last = $2)",
        first,
        first + count - 1,
    )
    return taken


async def was_reserved(connection: Connection, number: int) -> bool:
    """Returns whether a sticker number was reserved, in whatever batch."""
    reserved: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM desk.printed_labels WHERE first <= $1 AND last >= $1)", number
    )
    return reserved


@dataclass(frozen=True, slots=True)
class Carried:
    """A paper letter that the mail office carries to its service, as a line of a slip."""

    chrono: Chrono
    received_on: date
    channel: Channel
    nature: Nature
    category: Category
    sender: str = ""
    """Empty of what is réservé."""


async def carried_items(
    connection: Connection, service: str, begin: datetime, end: datetime
) -> Sequence[Carried]:
    """Returns a service's qualified paper items registered between two moments, by chrono."""
    rows = await connection.fetch(
        """
        SELECT i.chrono, i.received_on, i.channel, i.nature, i.category,
               coalesce(s.sender, '') AS sender
        FROM desk.items i
        LEFT JOIN desk.search s ON s.id = i.item_id AND i.confidentiality = 'normal'
        WHERE service = $1 AND registered_at >= $2 AND registered_at < $3
          AND channel IN ('letter', 'registered_letter', 'hand_delivered')
          AND state NOT IN ('merged', 'destroyed', 'to_qualify')
        ORDER BY i.chrono
        """,
        service,
        begin,
        end,
    )
    return [
        Carried(
            Chrono(row["chrono"]),
            row["received_on"],
            Channel(row["channel"]),
            Nature(row["nature"]),
            Category(row["category"]),
            row["sender"],
        )
        for row in rows
    ]
