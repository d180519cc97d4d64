"""An item by the number that it bears: its chrono, a former one, or the label on its paper."""

from collections.abc import Mapping, Sequence

from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection


async def by_chrono(connection: Connection, chrono: Chrono) -> ItemId | None:
    """Finds the item with this chrono (present, former, or of a departure), or `None`."""
    found = await connection.fetchval(
        """
        SELECT item_id FROM desk.numbers WHERE chrono = $1
        UNION ALL SELECT item_id FROM desk.departures WHERE chrono = $1
        """,
        chrono,
    )
    return None if found is None else ItemId(found)


async def chrono_of(connection: Connection, item_id: ItemId) -> Chrono:
    """Returns the chrono of an item by its id."""
    return Chrono(
        await connection.fetchval("SELECT chrono FROM desk.items WHERE item_id = $1", item_id)
    )


async def by_chronos(connection: Connection, chronos: Sequence[Chrono]) -> Mapping[Chrono, ItemId]:
    """Finds the items with these chronos, for a merged one its survivor; skips unknown ones."""
    rows = await connection.fetch(
        """
        SELECT chrono, desk.survivor(item_id) AS item_id FROM desk.numbers
        WHERE chrono = ANY($1::text[])
        """,
        chronos,
    )
    return {Chrono(row["chrono"]): ItemId(row["item_id"]) for row in rows}


async def bearers(connection: Connection, chronos: Sequence[Chrono]) -> Mapping[Chrono, ItemId]:
    """Finds the items that bear these chronos themselves, merged or not; skips unknown ones."""
    rows = await connection.fetch(
        "SELECT chrono, item_id FROM desk.numbers WHERE chrono = ANY($1::text[])", chronos
    )
    return {Chrono(row["chrono"]): ItemId(row["item_id"]) for row in rows}


async def by_label(connection: Connection, label: str) -> ItemId | None:
    """Finds the item to which the sticker with this number is bound, or `None`."""
    found = await connection.fetchval("SELECT item_id FROM desk.labels WHERE label = $1", label)
    return None if found is None else ItemId(found)
