"""The counters of chronos: taken once items and arrivals are locked, held until the commit."""

from collections.abc import Sequence
from uuid import UUID

from shared.content import chronos
from shared.content.chronos import Direction
from shared.facts.envelope import Chrono
from shared.platform.database import Connection


async def take(
    connection: Connection, department: str, year: int, direction: Direction, count: int
) -> Sequence[Chrono]:
    """Takes the next `count` chronos from the counter; a rolled-back transaction frees them."""
    if count == 0:
        return []
    last = await connection.fetchval(
        """
        INSERT INTO desk.counters AS counter (direction, year, last) VALUES ($1, $2, $3)
        ON CONFLICT (direction, year) DO UPDATE SET last = counter.last + excluded.last
        RETURNING last
        """,
        direction.value,
        year,
        count,
    )
    return chronos.chronos_up_to(department, year, direction, last, count)


async def take_for(
    connection: Connection, department: str, year: int, direction: Direction, ids: Sequence[UUID]
) -> Sequence[Chrono]:
    """Returns a chrono for each id: the one that it had before a restore, else the next."""
    if not ids:
        return []
    rows = await connection.fetch(
        "SELECT id, chrono FROM desk.promised_chronos WHERE id = ANY($1::uuid[])", ids
    )
    promised = {row["id"]: Chrono(row["chrono"]) for row in rows}
    fresh = iter(
        await take(connection, department, year, direction, len(set(ids) - promised.keys()))
    )
    return [promised.get(id_) or next(fresh) for id_ in ids]


async def promise(connection: Connection, given: Sequence[tuple[UUID, str]]) -> None:
    """Reserves chronos for the ids of items, so that they get their old numbers after a restore."""
    await connection.executemany(
        """
        INSERT INTO desk.promised_chronos (id, chrono) VALUES ($1, $2) ON CONFLICT DO NOTHING
        """,
        given,
    )


async def last(connection: Connection, direction: Direction, year: int) -> int:
    """Returns the last number that a chrono counter gave; 0 when it gave none."""
    found = await connection.fetchval(
        "SELECT last FROM desk.counters WHERE direction = $1 AND year = $2", direction.value, year
    )
    return int(found or 0)


async def at_least(connection: Connection, direction: Direction, year: int, number: int) -> None:
    """Raises a chrono counter to `number`, which another register used; never lowers it."""
    await connection.execute(
        """
        INSERT INTO desk.counters AS counter (direction, year, last) VALUES ($1, $2, $3)
        ON CONFLICT (direction, year) DO UPDATE SET last = greatest(counter.last, excluded.last)
        """,
        direction.value,
        year,
        number,
    )
