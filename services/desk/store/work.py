"""What services work from: their open items by limit, how many stand where, and who holds what."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.desk.store.cursors import DayCursor
from services.desk.store.lists import WorkLine, line_of
from services.desk.store.search_types import SearchReader
from services.desk.store.states import NOT_DONE
from services.desk.store.worklist_order import BY_DUE, WorklistColumn, WorklistOrder
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

_AT_ONCE: Final = 500


class WorklistTab(StrEnum):
    """A tab of the work list (all, late, at risk …); an open item may be on several."""

    ALL = "tous"
    LATE = "retard"
    RISK = "risque"
    SEEN = "confirmer"
    """A message of ours was seen: somebody must say what it was."""
    WAITING = "attente"
    """For pieces or for a third party."""
    SIGNATURE = "signature"
    RETURNED = "revenus"
    """A letter of ours came back."""
    FREE = "libre"
    """Nobody has taken them."""


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """A filter of the work list by service, holder, state …; `None` filters nothing."""

    service: str | None = None
    holders: Sequence[str] | None = None
    """Persons who hold them."""
    heads: Sequence[str] = ()
    """Services whose items without holder count as held by these persons."""
    home: Sequence[str] | None = None
    """Services of the heap `FREE`, when no service is named."""
    state: str | None = None
    category: str | None = None
    channel: str | None = None

    @property
    def parameters(self) -> tuple[object, ...]:
        """The work list's filter as SQL parameters."""
        return (
            self.service,
            self.holders,
            self.heads,
            self.home,
            self.state,
            self.category,
            self.channel,
        )


@dataclass(frozen=True, slots=True)
class WorkRow:
    """An item as a row of the work list, with sender and subject.

    These are empty where `sealed` (réservé), or not indexed yet.
    """

    item_id: ItemId
    registered_at: datetime
    line: WorkLine
    sealed: bool
    """Réservé: a list says nothing of it; opening it does, to whom it may, and is noted."""
    read: bool
    """Its content was indexed; a moment after registration it is not yet."""
    sender: str
    subject: str


async def heaps(
    connection: Connection, reader: SearchReader, which: WorklistFilter, today: date
) -> Mapping[WorklistTab, int]:
    """Counts the items on each tab of the work list, among those that the reader may know of."""
    row = await connection.fetchrow(
        f"""
        SELECT count(*) FILTER (WHERE held)::int AS tous,
               count(*) FILTER (WHERE held AND due < $14)::int AS retard,
               count(*) FILTER (WHERE held AND due >= $14 AND at_risk)::int AS risque,
               count(*) FILTER (WHERE held AND state = 'observed')::int AS confirmer,
               count(*) FILTER (WHERE held AND state IN ('awaiting_pieces', 'awaiting_third'))::int
                   AS attente,
               count(*) FILTER (WHERE held AND state = 'in_signature')::int AS signature,
               count(*) FILTER (WHERE held AND state = 'returned')::int AS revenus,
               count(*) FILTER (WHERE free)::int AS libre
        FROM (
            SELECT state, due, at_risk,
                   $8::text[] IS NULL OR coalesce(signatory, agent) = ANY($8)
                       OR coalesce(signatory, agent) IS NULL AND service = ANY($9::text[]) AS held,
                   coalesce(signatory, agent) IS NULL
                       AND state NOT IN ('to_qualify', 'returned')
                       AND ($10::text[] IS NULL OR service = ANY($10)) AS free
            FROM desk.items AS item
            WHERE {NOT_DONE}
              AND ($7::text IS NULL OR service = $7)
              AND desk.known_to(item, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
              AND ($11::text IS NULL OR state = $11)
              AND ($12::text IS NULL OR category = $12)
              AND ($13::text IS NULL OR channel = $13)
              AND ($8::text[] IS NULL OR coalesce(signatory, agent) = ANY($8)
                   OR coalesce(signatory, agent) IS NULL)
        ) AS open
        """,  # noqa: S608  (a constant of states.py)
        *reader.parameters,
        *which.parameters,
        today,
    )
    return {heap: row[heap.value] if row else 0 for heap in WorklistTab}


async def rows(
    connection: Connection,
    reader: SearchReader,
    which: WorklistFilter,
    today: date,
    *,
    heap: WorklistTab = WorklistTab.ALL,
    order: WorklistOrder = BY_DUE,
    after: DayCursor | None = None,
    limit: int,
) -> Sequence[WorkRow]:
    """Returns `limit` items of one tab of the work list, in an order, after a pagination cursor."""
    behind, places = "", tuple[object, ...]()
    if after is not None:
        behind, places = f"AND {order.behind('$17', '$18')}", (after.key, after.name)
        if order.column is WorklistColumn.NUMBER:
            behind, places = f"AND {order.behind('', '$17')}", (after.name,)
    found = await connection.fetch(
        f"""
        SELECT page.*, s.id IS NOT NULL AS read,
               coalesce(s.sender, '') AS sender, coalesce(s.subject, '') AS subject
        FROM (
            SELECT item_id, registered_at, chrono, state, channel, category, nature, perimeter,
                   priority, service, agent, signatory, received_on, due, due_clock, at_risk,
                   confidentiality <> 'normal' AS sealed
            FROM desk.items AS item
            WHERE {NOT_DONE}
              AND ($7::text IS NULL OR service = $7)
              AND desk.known_to(item, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
              AND ($11::text IS NULL OR state = $11)
              AND ($12::text IS NULL OR category = $12)
              AND ($13::text IS NULL OR channel = $13)
              AND CASE WHEN $15 = 'libre'
                       THEN coalesce(signatory, agent) IS NULL
                            AND state NOT IN ('to_qualify', 'returned')
                            AND ($10::text[] IS NULL OR service = ANY($10))
                       ELSE $8::text[] IS NULL OR coalesce(signatory, agent) = ANY($8)
                            OR coalesce(signatory, agent) IS NULL AND service = ANY($9::text[]) END
              AND CASE $15 WHEN 'retard' THEN due < $14
                           WHEN 'risque' THEN due >= $14 AND at_risk
                           WHEN 'confirmer' THEN state = 'observed'
                           WHEN 'attente' THEN state IN ('awaiting_pieces', 'awaiting_third')
                           WHEN 'signature' THEN state = 'in_signature'
                           WHEN 'revenus' THEN state = 'returned'
                           ELSE true END
              {behind}
            ORDER BY {order.order_by("item")} LIMIT $16
        ) AS page
        LEFT JOIN desk.search s ON s.id = page.item_id AND NOT page.sealed
        ORDER BY {order.order_by("page")}
        """,  # noqa: S608  (constants of states.py and of this module)
        *reader.parameters,
        *which.parameters,
        today,
        heap.value,
        limit,
        *places,
    )
    return [
        WorkRow(
            item_id=ItemId(row["item_id"]),
            registered_at=row["registered_at"],
            line=line_of(row),
            sealed=row["sealed"],
            read=row["read"] or row["sealed"],
            sender=row["sender"],
            subject=row["subject"],
        )
        for row in found
    ]


async def all_rows(
    connection: Connection,
    reader: SearchReader,
    which: WorklistFilter,
    today: date,
    *,
    heap: WorklistTab = WorklistTab.ALL,
    order: WorklistOrder = BY_DUE,
) -> AsyncIterator[WorkRow]:
    """Yields every item of one tab of the work list in an order, whatever page is shown."""
    after = None
    while found := await rows(
        connection, reader, which, today, heap=heap, order=order, after=after, limit=_AT_ONCE
    ):
        for row in found:
            yield row
        after = order.place(found[-1].line)


@dataclass(frozen=True, slots=True)
class Load:
    """The workload of one person in a service: items, late, at risk, waiting, the oldest.

    `holder` `None`: items that nobody holds.
    """

    holder: str | None
    items: int
    late: int
    at_risk: int
    waiting: int
    oldest: date | None
    """The day of receipt of the oldest."""


async def held_in(connection: Connection, service: str, person: str) -> int:
    """Counts the open items that a person holds in a service, those in their signature too.

    Réservé items are counted, whoever asks.
    """
    found = await connection.fetchval(
        f"""
        SELECT count(*)::int FROM desk.items
        WHERE service = $1 AND coalesce(signatory, agent) = $2 AND {NOT_DONE}
        """,  # noqa: S608  (a constant of states.py)
        service,
        person,
    )
    return int(found)


async def services_of(connection: Connection, person: str) -> Mapping[str, int]:
    """Counts the open items that a person holds, by service; réservé items are counted too."""
    found = await connection.fetch(
        f"""
        SELECT service, count(*)::int AS n FROM desk.items
        WHERE coalesce(signatory, agent) = $1 AND {NOT_DONE} GROUP BY service ORDER BY service
        """,  # noqa: S608  (a constant of states.py)
        person,
    )
    return {row["service"]: row["n"] for row in found}


async def left_behind(
    connection: Connection, there: Collection[str]
) -> Sequence[tuple[str, str, int]]:
    """Counts the open items held by persons who have left (are not in `there`), by service.

    Réservé items are counted too. Each row: the person, the service, how many.
    """
    found = await connection.fetch(
        f"""
        SELECT coalesce(signatory, agent) AS person, service, count(*)::int AS n FROM desk.items
        WHERE coalesce(signatory, agent) <> ALL ($1::text[]) AND {NOT_DONE}
        GROUP BY 1, 2 ORDER BY 1, 2
        """,  # noqa: S608  (a constant of states.py)
        sorted(there),
    )
    return [(row["person"], row["service"], row["n"]) for row in found]


async def loads(connection: Connection, service: str, today: date) -> Sequence[Load]:
    """Counts the open items of a service by holder; réservé items are counted too, not named."""
    found = await connection.fetch(
        f"""
        SELECT coalesce(signatory, agent) AS holder, count(*)::int AS items,
               count(*) FILTER (WHERE due < $2)::int AS late,
               count(*) FILTER (WHERE due >= $2 AND at_risk)::int AS at_risk,
               count(*) FILTER (WHERE state IN ('awaiting_pieces', 'awaiting_third'))::int
                   AS waiting,
               min(received_on) AS oldest
        FROM desk.items
        WHERE service = $1
          AND {NOT_DONE}
        GROUP BY 1
        """,  # noqa: S608  (a constant of states.py)
        service,
        today,
    )
    return [Load(**row) for row in found]
