"""The concordance of old numbers: chronos of before a restore, and the items that bear others now.

A number that was given in hours that a restore lost stands on somebody's receipt. Most come back to
the item that had them (`counters.promise`); these can't: what a person keyed or split off has
another number once it is keyed again, and one may have been given to somebody else meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class FormerChrono:
    """A chrono given before a database restore that lost it, with the item that had it."""

    chrono: Chrono
    item_id: ItemId | None
    """Whose it is; `None` until somebody says under which number it was keyed again."""
    said: str
    """What was told when it was given, in codes and days."""


async def keep(connection: Connection, former: Sequence[FormerChrono]) -> None:
    """Stores chronos that a restore lost; what is known already of one stays."""
    await connection.executemany(
        """
        INSERT INTO desk.former_chronos (chrono, item_id, said) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING
        """,
        [(number.chrono, number.item_id, number.said) for number in former],
    )


async def name(
    connection: Connection, chrono: Chrono, item_id: ItemId, person: str, now: datetime
) -> bool:
    """Records which item a lost chrono belongs to, as a person says.

    Returns False for a chrono that no restore lost.
    """
    named = await connection.fetchval(
        """
        UPDATE desk.former_chronos SET item_id = $2, named_by = $3, named_at = $4
        WHERE chrono = $1 RETURNING true
        """,
        chrono,
        item_id,
        person,
        now,
    )
    return bool(named)


async def of_item(connection: Connection, item_id: ItemId) -> Sequence[Chrono]:
    """Returns the chronos that an item had before a restore of the database, in order."""
    rows = await connection.fetch(
        "SELECT chrono FROM desk.former_chronos WHERE item_id = $1 ORDER BY chrono", item_id
    )
    return [Chrono(row["chrono"]) for row in rows]


async def had_by(connection: Connection, chrono: Chrono) -> Chrono | None:
    """Returns the present chrono of the item that had this chrono before a restore, or `None`."""
    found = await connection.fetchval(
        """
        SELECT item.chrono FROM desk.former_chronos AS former
        JOIN desk.items AS item USING (item_id)
        WHERE former.chrono = $1 AND item.chrono <> $1
        """,
        chrono,
    )
    return None if found is None else Chrono(found)


async def said_of(connection: Connection, chrono: Chrono) -> str | None:
    """Returns the stored note on a chrono that a restore lost: what was told when it was given."""
    said: str | None = await connection.fetchval(
        "SELECT said FROM desk.former_chronos WHERE chrono = $1", chrono
    )
    return said
