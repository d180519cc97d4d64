"""What services work from: their open items by limit, how many stand where, and who holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.desk.store.cursors import Cursor, DayCursor
from services.desk.store.lists import WorkLine, line_of
from services.desk.store.search_types import SearchReader
from services.desk.store.states import NOT_DONE
from shared.platform.database import Connection


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


START = Cursor(date.min, "")
"""Where a list begins; the key of what has no limit is `date.max`."""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """An item as a row of the work list, with sender and subject.

    These are empty where `sealed` (réservé), or not indexed yet.
    """

    line: WorkLine
    sealed: bool
    """Réservé: a list says nothing of it; opening it does, to whom it may, and is noted."""
    sender: str
    subject: str

    @property
    def place(self) -> DayCursor:
        """The pagination cursor that begins after this row."""
        return Cursor(self.line.due or date.max, self.line.chrono)


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
    after: DayCursor = START,
    limit: int,
) -> Sequence[WorkRow]:
    """Returns a page of items of one tab of the work list, by deadline, those without one last."""
    found = await connection.fetch(
        f"""
        SELECT page.*, coalesce(s.sender, '') AS sender, coalesce(s.subject, '') AS subject
        FROM (
            SELECT item_id, chrono, state, channel, category, nature, perimeter, priority, service,
                   agent, signatory, received_on, due, due_clock, at_risk,
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
              AND (coalesce(due, 'infinity'::date), chrono) > ($16::date, $17::text)
            ORDER BY coalesce(due, 'infinity'::date), chrono LIMIT $18
        ) AS page
        LEFT JOIN desk.search s ON s.id = page.item_id AND NOT page.sealed
        ORDER BY coalesce(due, 'infinity'::date), page.chrono
        """,  # noqa: S608  (a constant of states.py)
        *reader.parameters,
        *which.parameters,
        today,
        heap.value,
        after.key,
        after.name,
        limit,
    )
    return [WorkRow(line_of(row), row["sealed"], row["sender"], row["subject"]) for row in found]


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
