"""The queue of letters to qualify, in its order: a page of it, and the next that nobody has open.

Urgent letters come first, then by limit and by age. A page begins behind a letter, whose place
stays known once it is sorted: a list that others shorten goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.desk.store import queue_claims
from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import Category, Channel, Nature, Priority
from shared.platform.database import Connection

NO_RULE: Final = "-"
"""Of a filter: what no rule recognised."""
TRIED: Final = 16
"""Letters among which a clerk finds one that no colleague claims in the same moment."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """A filter of the queue by service, source and routing rule; `None` filters nothing."""

    service: str | None = None
    source: str | None = None
    rule: str | None = None

    @property
    def parameters(self) -> tuple[str | None, ...]:
        """The filter as SQL parameters."""
        return (self.service, self.source, self.rule)


EVERYTHING: Final = QueueFilter()


@dataclass(frozen=True, slots=True)
class QueueKey:
    """The place of a letter in the order of the queue."""

    calm: bool
    due: date | None
    received_at: datetime
    chrono: Chrono

    @property
    def parameters(self) -> tuple[object, ...]:
        """The place as SQL parameters."""
        return (self.calm, self.due, self.received_at, self.chrono)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A letter of the queue as a line of its list; sender and subject empty where `sealed`."""

    item_id: ItemId
    chrono: Chrono
    received_on: date
    channel: Channel
    priority: Priority
    category: Category
    nature: Nature
    service: ServiceId
    sealed: bool
    """Réservé: a list says nothing of it."""
    source: str
    rule: str | None
    """The routing rule that proposes; `None`: none recognised it."""
    hold: str | None
    danger: bool
    sender: str
    subject: str
    claimed_by: PersonId | None
    """Who has it open."""


@dataclass(frozen=True, slots=True)
class NextLetter:
    """The letter that was claimed for a clerk as their next."""

    item_id: ItemId
    chrono: Chrono
    was_reserved: bool
    """At any time: reading it is noted for ever."""


_KEY = "(i.priority = 'normale'), coalesce(i.due, 'infinity'::date), i.received_at, i.chrono"
_AMONG = f"""
    FROM desk.items i
    LEFT JOIN LATERAL (SELECT payload::jsonb AS said FROM desk.facts
                       WHERE item_id = i.item_id AND seq = 1) f ON true
    WHERE i.state = 'to_qualify'
      AND ($1::text IS NULL OR i.service = $1)
      AND ($2::text IS NULL OR f.said ->> 'source' = $2)
      AND ($3::text IS NULL OR coalesce(f.said #>> '{{proposal,rule}}', '{NO_RULE}') = $3)
      AND ($7::text IS NULL
           OR ({_KEY}) > ($4::bool, coalesce($5::date, 'infinity'), $6::timestamptz, $7))
"""  # noqa: S608  (constants of this module)
"""The letters behind a place of the queue that a filter keeps."""
_START: Final = (None, None, None, None)


async def place_of(connection: Connection, chrono: str) -> QueueKey | None:
    """Returns the place of a letter in the queue, also of one that was sorted; `None`: unknown."""
    row = await connection.fetchrow(
        """
        SELECT (priority = 'normale') AS calm, due, received_at, chrono FROM desk.items
        WHERE chrono = $1
        """,
        chrono,
    )
    return None if row is None else QueueKey(**row)


async def before(connection: Connection, chrono: str) -> QueueKey | None:
    """Returns the place just before a letter, behind which a page begins with it; `None`: none."""
    row = await connection.fetchrow(
        """
        SELECT (i.priority = 'normale') AS calm, i.due, i.received_at, i.chrono
        FROM desk.items i, desk.items here
        WHERE here.chrono = $1 AND i.state = 'to_qualify'
          AND ((i.priority = 'normale'), coalesce(i.due, 'infinity'::date), i.received_at, i.chrono)
            < ((here.priority = 'normale'), coalesce(here.due, 'infinity'::date), here.received_at,
               here.chrono)
        ORDER BY (i.priority = 'normale') DESC, coalesce(i.due, 'infinity'::date) DESC,
                 i.received_at DESC, i.chrono DESC
        LIMIT 1
        """,
        chrono,
    )
    return None if row is None else QueueKey(**row)


async def left(connection: Connection) -> int:
    """Counts the letters to qualify."""
    return int(
        await connection.fetchval("SELECT count(*) FROM desk.items WHERE state = 'to_qualify'")
    )


async def rows(
    connection: Connection, which: QueueFilter, after: QueueKey | None, limit: int
) -> Sequence[QueueRow]:
    """Returns a page of the queue behind a place, by default from its head."""
    return await _rows(connection, which, after, limit, None)


async def named(connection: Connection, chronos: Sequence[str]) -> Sequence[QueueRow]:
    """Returns those of these letters that are still to be qualified, in the order of the queue."""
    return await _rows(connection, EVERYTHING, None, len(chronos), chronos)


async def _rows(
    connection: Connection,
    which: QueueFilter,
    after: QueueKey | None,
    limit: int,
    chronos: Sequence[str] | None,
) -> Sequence[QueueRow]:
    found = await connection.fetch(
        f"""
        SELECT page.*, coalesce(s.sender, '') AS sender, coalesce(s.subject, '') AS subject,
               c.person AS claimed_by,
               EXISTS (SELECT FROM desk.facts d
                       WHERE d.item_id = page.item_id
                         AND d.type IN ('ItemRegistered', 'SenderWroteAgain', 'AttachmentsRead')
                         AND (d.payload::jsonb ->> 'danger')::boolean) AS danger
        FROM (SELECT i.item_id, i.chrono, i.received_on, i.channel, i.priority, i.category,
                     i.nature, i.service, i.confidentiality <> 'normal' AS sealed,
                     coalesce(f.said ->> 'source', '') AS source,
                     f.said #>> '{{proposal,rule}}' AS rule, f.said ->> 'hold' AS hold,
                     row_number() OVER (ORDER BY {_KEY}) AS place
              {_AMONG} AND ($9::text[] IS NULL OR i.chrono = ANY($9))
              ORDER BY {_KEY} LIMIT $8) AS page
        LEFT JOIN desk.search s ON s.id = page.item_id AND NOT page.sealed
        LEFT JOIN desk.queue_claims c
               ON c.item_id = page.item_id AND c.ends_at > now() AND NOT c.ahead
        ORDER BY page.place
        """,  # noqa: S608  (constants of this module)
        *which.parameters,
        *(_START if after is None else after.parameters),
        limit,
        chronos,
    )
    return [
        QueueRow(
            item_id=ItemId(row["item_id"]),
            chrono=Chrono(row["chrono"]),
            received_on=row["received_on"],
            channel=Channel(row["channel"]),
            priority=Priority(row["priority"]),
            category=Category(row["category"]),
            nature=Nature(row["nature"]),
            service=ServiceId(row["service"]),
            sealed=row["sealed"],
            source=row["source"],
            rule=row["rule"],
            hold=row["hold"],
            danger=row["danger"],
            sender=row["sender"],
            subject=row["subject"],
            claimed_by=row["claimed_by"] and PersonId(row["claimed_by"]),
        )
        for row in found
    ]


async def claim_next(
    connection: Connection,
    person: PersonId,
    which: QueueFilter = EVERYTHING,
    after: QueueKey | None = None,
    *,
    ahead: bool = False,
) -> NextLetter | None:
    """Claims for a clerk the letter that follows a place, from the head where none does.

    Those that colleagues, or the clerk's other windows, have open are passed over. `None` when
    there is no other. `ahead`: it is only fetched before its turn; whoever finds no other letter
    takes one that a colleague fetched.
    """
    for others_ahead in (False,) if ahead else (False, True):
        for place in (after, None) if after is not None else (None,):
            found = await _free(connection, person, which, place, others_ahead=others_ahead)
            for letter in found:
                if after is not None and letter.chrono == after.chrono:
                    continue
                if await queue_claims.take(connection, letter.item_id, person, ahead=ahead):
                    return letter
    return None


async def _free(
    connection: Connection,
    person: PersonId,
    which: QueueFilter,
    after: QueueKey | None,
    *,
    others_ahead: bool,
) -> Sequence[NextLetter]:
    rows = await connection.fetch(
        f"""
        SELECT i.item_id, i.chrono, i.was_reserved
        {_AMONG}
          AND NOT EXISTS (SELECT FROM desk.queue_claims c
                          WHERE c.item_id = i.item_id AND c.ends_at > now()
                            AND CASE WHEN c.person = $8 THEN c.page IS NOT NULL AND NOT c.ahead
                                     ELSE NOT (c.ahead AND $9) END)
        ORDER BY {_KEY} LIMIT $10
        """,  # noqa: S608  (constants of this module)
        *which.parameters,
        *(_START if after is None else after.parameters),
        person,
        others_ahead,
        TRIED,
    )
    return [NextLetter(**row) for row in rows]
