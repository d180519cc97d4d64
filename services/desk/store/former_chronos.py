"""The concordance of old numbers: chronos of before a restore, and the items that bear others now.

A number that was given in hours that a restore lost stands on somebody's receipt. Most come back to
the item that had them (`counters.promise`); these can't: what a person keyed or split off has
another number once it is keyed again, and one may have been given to somebody else meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Refused
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
    """Stores chronos that a restore lost; a known one keeps what is stored of it."""
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

    Returns False for a chrono that no restore lost. Raises Refused when the facts of the lost hours
    say that it belongs to another item, which the register has.
    """
    known = await connection.fetchval(
        """
        SELECT item.chrono FROM desk.former_chronos AS former
        JOIN desk.items AS item ON item.item_id = former.item_id
        WHERE former.chrono = $1 AND former.named_by IS NULL AND former.item_id <> $2
        """,
        chrono,
        item_id,
    )
    if known is not None:
        raise Refused(
            f"{chrono} was given to the item that is {known} now: the facts of the lost hours say "
            "so, and it stays so.",
            "former-chrono-known",
            chrono=chrono,
            known=known,
        )
    named = await connection.fetchval(
        """
        UPDATE desk.former_chronos SET item_id = $2,
            named_by = CASE WHEN item_id IS NOT DISTINCT FROM $2 THEN named_by ELSE $3 END,
            named_at = CASE WHEN item_id IS NOT DISTINCT FROM $2 THEN named_at ELSE $4 END
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


async def had_by(
    connection: Connection, item_id: ItemId, numbers: Sequence[Chrono]
) -> Mapping[Chrono, Chrono]:
    """Finds which of an item's chronos, its departures' too, another item had before a restore.

    Returns the present chrono of that other item for each.
    """
    rows = await connection.fetch(
        """
        SELECT former.chrono, item.chrono AS had FROM desk.former_chronos AS former
        JOIN desk.items AS item USING (item_id)
        WHERE former.chrono = ANY($1::text[]) AND item.item_id <> $2 ORDER BY former.chrono
        """,
        numbers,
        item_id,
    )
    return {Chrono(row["chrono"]): Chrono(row["had"]) for row in rows}


async def given_twice(connection: Connection, numbers: Sequence[Chrono]) -> frozenset[Chrono]:
    """Finds which of these chronos name two items: one now, and one before a database restore.

    The chronos of departures count as their item's. So does a chrono of which nobody has said yet
    which item had it before.
    """
    rows = await connection.fetch(
        """
        SELECT former.chrono FROM desk.former_chronos AS former
        JOIN (SELECT chrono, item_id FROM desk.items
              UNION ALL SELECT chrono, item_id FROM desk.departures) AS bearer USING (chrono)
        WHERE former.chrono = ANY($1::text[])
          AND desk.survivor(bearer.item_id) IS DISTINCT FROM desk.survivor(former.item_id)
        """,
        numbers,
    )
    return frozenset(Chrono(row["chrono"]) for row in rows)


async def said_of(connection: Connection, chrono: Chrono) -> str | None:
    """Returns the remark stored with a chrono that a restore lost, or `None` if it is none."""
    said: str | None = await connection.fetchval(
        "SELECT said FROM desk.former_chronos WHERE chrono = $1", chrono
    )
    return said
