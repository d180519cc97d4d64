"""Opinions asked of other services that are still to be given (sql/0630)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.domain.item import ENDED
from services.desk.store.visibility import Visibility
from shared.facts.envelope import Chrono, ItemId, ServiceId
from shared.facts.items import Items
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.retention import ItemDestroyed, ItemWithdrawn
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.facts.vocabulary import Category
from shared.platform.database import Connection

_ENDED: Final = ", ".join(f"'{state.value}'" for state in sorted(ENDED))
_OPEN: Final = f"""
    FROM desk.opinions o JOIN desk.items i USING (item_id)
    WHERE o.answered IS NULL AND i.state NOT IN ({_ENDED}) AND i.service <> o.service
      AND desk.known_to(i, $2, $3, $4::text[], $5::text[], $6::text[])
"""


@dataclass(frozen=True, slots=True)
class OpenOpinion:
    """An opinion that a service was asked for and has not given, of an item that is not ended."""

    item_id: ItemId
    chrono: Chrono
    category: Category
    service: ServiceId
    """Which was asked."""
    holder: ServiceId
    """The service in charge of the item, which waits for it."""
    asked_by: str
    """Its author, as facts write them."""
    until: date


async def follow(connection: Connection, facts: Sequence[Items]) -> None:
    """Updates the table of opinions by new facts that ask for, answer, withdraw or end one."""
    for fact in facts:
        match fact:
            case OpinionAsked():
                await connection.execute(
                    """
                    INSERT INTO desk.opinions
                        (event_id, item_id, service, until, asked_at, asked_by)
                    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
                    """,
                    fact.event_id,
                    fact.item_id,
                    fact.service,
                    fact.until,
                    fact.recorded_at,
                    fact.by,
                )
            case NoteWritten(answers=asked) if asked is not None:
                await connection.execute(
                    "UPDATE desk.opinions SET answered = $2 WHERE event_id = $1",
                    asked,
                    fact.event_id,
                )
            case FactWithdrawn(fact_type="OpinionAsked"):
                await connection.execute("DELETE FROM desk.opinions WHERE event_id = $1", fact.fact)
            case FactWithdrawn(fact_type="NoteWritten"):
                await connection.execute(
                    "UPDATE desk.opinions SET answered = NULL WHERE answered = $1", fact.fact
                )
            case ItemWithdrawn() | ItemDestroyed():
                await connection.execute(
                    "DELETE FROM desk.opinions WHERE item_id = $1", fact.item_id
                )
            case _:
                pass


async def count(
    connection: Connection, services: Collection[str], seen: Visibility, today: date
) -> tuple[int, int]:
    """Counts the opinions on items that these services owe, and those whose day has passed."""
    row = await connection.fetchrow(
        f"""
        SELECT count(*)::int AS owed, count(*) FILTER (WHERE o.until < $7)::int AS late
        {_OPEN} AND o.service = ANY($1::text[])
        """,
        sorted(services),
        *seen,
        today,
    )
    return (0, 0) if row is None else (int(row["owed"]), int(row["late"]))


async def open_opinions(
    connection: Connection, services: Collection[str], seen: Visibility, limit: int
) -> Sequence[OpenOpinion]:
    """Returns at most `limit` opinions that these services owe or await, the most urgent first.

    Only of items of which the reader may know.
    """
    rows = await connection.fetch(
        f"""
        SELECT o.item_id, i.chrono, i.category, o.service, i.service AS holder, o.asked_by, o.until
        {_OPEN} AND (o.service = ANY($1::text[]) OR i.service = ANY($1::text[]))
        ORDER BY o.until, i.chrono, o.event_id LIMIT $7
        """,
        sorted(services),
        *seen,
        limit,
    )
    return [
        OpenOpinion(
            ItemId(row["item_id"]),
            Chrono(row["chrono"]),
            Category(row["category"]),
            ServiceId(row["service"]),
            ServiceId(row["holder"]),
            row["asked_by"],
            row["until"],
        )
        for row in rows
    ]
