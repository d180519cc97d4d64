"""The label's perimeter as stored: facts of the quality chain, and the items that they concern."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, get_args

from services.desk.domain.label_perimeter import LabelPerimeter, fold_perimeter
from services.desk.store import quality
from shared.facts.envelope import EventId, ItemId, ServiceId
from shared.facts.quality.perimeter import PerimeterAsked, PerimeterChanged, PerimeterFact
from shared.platform.database import Connection

KINDS: Final = get_args(PerimeterFact)


async def perimeter(connection: Connection) -> LabelPerimeter:
    """Reads the label's perimeter; facts that can't be read are left out."""
    facts = await quality.of_kinds(connection, KINDS)
    return fold_perimeter(fact for fact in facts if isinstance(fact, PerimeterFact))


async def requests(connection: Connection) -> Mapping[EventId, PerimeterAsked]:
    """Returns every request to change the label's perimeter that was made, by event id."""
    facts = await quality.of_kinds(connection, [PerimeterAsked])
    return {fact.event_id: fact for fact in facts if isinstance(fact, PerimeterAsked)}


async def concerned_items(
    connection: Connection, service: ServiceId, since: date
) -> Sequence[ItemId]:
    """Returns items received from a local day on that a service has or ever had, by id."""
    rows = await connection.fetch(
        """
        SELECT i.item_id FROM desk.items i
        WHERE i.received_on >= $2 AND (i.service = $1 OR EXISTS (
            SELECT FROM desk.facts f
            WHERE f.item_id = i.item_id AND f.type IN ('ItemRegistered', 'ItemAssigned')
              AND f.payload::jsonb ->> 'service' = $1))
        ORDER BY i.item_id
        """,
        service,
        since,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def written_near(
    connection: Connection, change: PerimeterChanged, near: timedelta
) -> Sequence[ItemId]:
    """Returns items with facts recorded about when the label's perimeter changed, by id."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT f.item_id FROM desk.facts f JOIN desk.items i USING (item_id)
        WHERE f.recorded_at BETWEEN $1 AND $2 AND i.received_on >= $3 ORDER BY 1
        """,
        change.recorded_at - near,
        change.recorded_at + near,
        change.since,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def put(
    connection: Connection,
    service: ServiceId,
    leaving: Sequence[ItemId],
    coming: Sequence[ItemId],
) -> None:
    """Stores that items count in no rate, as their service is outside the label, or count again."""
    await connection.execute(
        """
        UPDATE desk.items SET perimeter = item_id = ANY ($3::uuid[]),
               outside_service = CASE WHEN item_id = ANY ($2::uuid[]) THEN $1 END
        WHERE item_id = ANY ($2::uuid[] || $3::uuid[])
        """,
        service,
        leaving,
        coming,
    )


async def outside(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[ItemId, ServiceId | None]:
    """Returns by item the service outside the label that keeps it out of every rate, or `None`.

    As its row says.
    """
    rows = await connection.fetch(
        "SELECT item_id, outside_service FROM desk.items WHERE item_id = ANY ($1::uuid[])",
        item_ids,
    )
    return {
        ItemId(row["item_id"]): None
        if row["outside_service"] is None
        else ServiceId(row["outside_service"])
        for row in rows
    }
