"""The queue of letters to qualify, in its order: a page of it, and the next that nobody has open.

Urgent letters come first, then by limit and by age. A page begins behind a letter, whose place
stays known once it is sorted: a list that others shorten goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.desk.store import queue_claims
from services.desk.store.items import NO_RULE
from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import Category, Channel, Nature, Priority
from shared.platform.database import Connection
from shared.site.tables.routing import UNRECOGNISED

UNRULED: Final = f"('{NO_RULE}', '{UNRECOGNISED}')"
"""What stands in `queue_rule` of letters that no rule recognised, as their first fact says it."""
TRIED: Final = 16
"""Letters among which a clerk finds one that no colleague claims in the same moment."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """The filter of the queue of items to qualify, by service, source and rule; `None`: all."""

    service: str | None = None
    source: str | None = None
    rule: str | None = None

    @property
    def columns(self) -> Mapping[str, str | None]:
        """The values that are asked for, by their column of `desk.items`."""
        return {"service": self.service, "queue_source": self.source, "queue_rule": self.rule}


EVERYTHING: Final = QueueFilter()


@dataclass(frozen=True, slots=True)
class QueueKey:
    """The position of an item in the order of the queue of items to qualify."""

    calm: bool
    due: date | None
    received_at: datetime
    chrono: Chrono

    @property
    def parameters(self) -> tuple[object, ...]:
        """The position in the queue as SQL parameters."""
        return (self.calm, self.due, self.received_at, self.chrono)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An item of the queue as a line of its list; sender and subject are empty where `sealed`.

    That is when it is réservé.
    """

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
    """The item that was claimed for a clerk as the next one to qualify."""

    item_id: ItemId
    chrono: Chrono
    was_reserved: bool
    """At any time: reading it is noted for ever."""


_KEY: Final = "(i.priority = 'normale'), coalesce(i.due, 'infinity'::date), i.received_at, i.chrono"


def _among(
    which: QueueFilter,
    after: QueueKey | None,
    first: int,
    *,
    chronos: Sequence[str] | None = None,
    including: bool = False,
) -> tuple[str, Sequence[object]]:
    """SQL of the letters behind a place that a filter keeps; its parameters, from `$first` on.

    `chronos`: of these alone; `including`: also the letter at the place, if it still waits. What is
    not asked does not stand in it: each filter finds the index of its own.
    """
    conditions, parameters = ["i.state = 'to_qualify'"], list[object]()
    for column, value in which.columns.items():
        if (column, value) == ("queue_rule", NO_RULE):
            conditions.append(f"i.queue_rule IN {UNRULED}")
        elif value is not None:
            conditions.append(f"i.{column} = ${first + len(parameters)}::text")
            parameters.append(value)
    if chronos is not None:
        conditions.append(f"i.chrono = ANY(${first + len(parameters)}::text[])")
        parameters.append(chronos)
    if after is not None:
        calm, due, received, chrono = (f"${first + len(parameters) + n}" for n in range(4))
        conditions.append(
            f"({_KEY}) {'>=' if including else '>'} ({calm}::bool,"
            f" coalesce({due}::date, 'infinity'), {received}::timestamptz, {chrono}::text)"
        )
        parameters += after.parameters
    return f"FROM desk.items i WHERE {' AND '.join(conditions)}", parameters


async def place_of(connection: Connection, chrono: str) -> QueueKey | None:
    """Returns the position of an item in the queue, even if it was qualified; `None`: unknown."""
    row = await connection.fetchrow(
        """
        SELECT (priority = 'normale') AS calm, due, received_at, chrono FROM desk.items
        WHERE chrono = $1
        """,
        chrono,
    )
    return None if row is None else QueueKey(**row)


async def count_left(connection: Connection, which: QueueFilter = EVERYTHING) -> int:
    """Counts the items still to be qualified that pass a filter, by default all."""
    among, parameters = _among(which, None, 1)
    return int(await connection.fetchval(f"SELECT count(*) {among}", *parameters))


async def rows(
    connection: Connection,
    which: QueueFilter,
    after: QueueKey | None,
    limit: int,
    *,
    including: bool = False,
) -> Sequence[QueueRow]:
    """Reads a page of the queue of items to qualify, after a position or from its start.

    `including`: the page begins with the item at the position, if that still waits.
    """
    return await _rows(connection, _among(which, after, 2, including=including), limit)


async def named_rows(connection: Connection, chronos: Sequence[str]) -> Sequence[QueueRow]:
    """Reads those of these items that are still to be qualified, in the order of the queue."""
    return await _rows(connection, _among(EVERYTHING, None, 2, chronos=chronos), len(chronos))


async def _rows(
    connection: Connection, letters: tuple[str, Sequence[object]], limit: int
) -> Sequence[QueueRow]:
    among, parameters = letters
    found = await connection.fetch(
        f"""
        SELECT page.*, coalesce(s.sender, '') AS sender, coalesce(s.subject, '') AS subject,
               f.payload::jsonb ->> 'hold' AS hold, c.person AS claimed_by,
               EXISTS (SELECT FROM desk.facts d
                       WHERE d.item_id = page.item_id
                         AND d.type IN ('ItemRegistered', 'SenderWroteAgain', 'AttachmentsRead')
                         AND (d.payload::jsonb ->> 'danger')::boolean) AS danger
        FROM (SELECT i.item_id, i.chrono, i.received_on, i.channel, i.priority, i.category,
                     i.nature, i.service, i.confidentiality <> 'normal' AS sealed,
                     CASE WHEN i.queue_rule NOT IN {UNRULED} THEN i.queue_rule END AS rule,
                     row_number() OVER (ORDER BY {_KEY}) AS place
              {among}
              ORDER BY {_KEY} LIMIT $1) AS page
        LEFT JOIN desk.facts f ON f.item_id = page.item_id AND f.seq = 1
        LEFT JOIN desk.search s ON s.id = page.item_id AND NOT page.sealed
        LEFT JOIN desk.queue_claims c
               ON c.item_id = page.item_id AND c.ends_at > now() AND NOT c.ahead
        ORDER BY page.place
        """,  # noqa: S608  (constants of this module)
        limit,
        *parameters,
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
    """Claims for a clerk the next item to qualify after a position, else the first of the queue.

    Items that colleagues, or the clerk's other windows, have open are skipped. `None` when there is
    no other. `ahead`: it is only fetched in advance; whoever finds no other item takes one that a
    colleague fetched so.
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
    among, parameters = _among(which, after, 4)
    rows = await connection.fetch(
        f"""
        SELECT i.item_id, i.chrono, i.was_reserved
        {among}
          AND NOT EXISTS (SELECT FROM desk.queue_claims c
                          WHERE c.item_id = i.item_id AND c.ends_at > now()
                            AND CASE WHEN c.person = $1 THEN c.page IS NOT NULL AND NOT c.ahead
                                     ELSE NOT (c.ahead AND $2) END)
        ORDER BY {_KEY} LIMIT $3
        """,  # noqa: S608  (constants of this module)
        person,
        others_ahead,
        TRIED,
        *parameters,
    )
    return [NextLetter(**row) for row in rows]
