"""What was condemned leaves the disk, and what was set aside long ago is found to be condemned."""

from collections.abc import Sequence
from datetime import datetime

from shared.content.blobs import Blobs
from shared.facts.envelope import ArrivalId
from shared.platform.database import Connection, Pool, transaction

_PAGE = 100


async def set_aside_until(connection: Connection, moment: datetime) -> Sequence[ArrivalId]:
    """Returns a page of arrivals set aside before a moment and still set aside."""
    rows = await connection.fetch(
        """
        SELECT arrival_id FROM desk.arrivals a
        WHERE word = 'set_aside' AND erased_at IS NULL AND recorded_at < $1
          AND NOT EXISTS (SELECT FROM desk.facts f
                          WHERE f.item_id = a.arrival_id AND f.happened_at >= $1)
        ORDER BY recorded_at LIMIT $2
        """,
        moment,
        _PAGE,
    )
    return [ArrivalId(row["arrival_id"]) for row in rows]


async def all_again(connection: Connection) -> None:
    """Schedules every deletion ever done again, since a restored backup brought blobs back."""
    await connection.execute("UPDATE desk.erasures SET done_at = NULL")


async def erase(pool: Pool, blobs: Blobs, now: datetime) -> int:
    """Deletes all blob folders scheduled for deletion from the disk; returns how many.

    No row is locked meanwhile: a scheduled folder is never kept after all, and two processes may
    both delete one.

    Raises:
        TemporaryFailure: the disk or the database are away; what is left is erased another time.
    """
    erased = 0
    while True:
        async with transaction(pool) as connection:
            rows = await connection.fetch(
                """
                SELECT year, owner FROM desk.erasures WHERE done_at IS NULL
                ORDER BY asked_at, owner LIMIT $1
                """,
                _PAGE,
            )
        for row in rows:
            await blobs.destroy(row["year"], row["owner"])
        async with transaction(pool) as connection:
            await connection.execute(
                """
                WITH gone AS MATERIALIZED (
                    SELECT year, owner FROM desk.erasures
                    WHERE done_at IS NULL
                      AND (year, owner) IN (SELECT * FROM unnest($1::int[], $2::uuid[]))
                    ORDER BY year, owner FOR UPDATE)
                UPDATE desk.erasures AS row SET done_at = $3 FROM gone
                WHERE (row.year, row.owner) = (gone.year, gone.owner)
                """,
                [row["year"] for row in rows],
                [row["owner"] for row in rows],
                now,
            )
            # Who read it for the search in between reads it again, and finds nothing.
            await connection.execute(
                """
                INSERT INTO desk.to_index (id) SELECT DISTINCT coalesce(item_id, arrival_id)
                FROM desk.arrivals WHERE arrival_id = ANY($1::uuid[])
                """,
                [row["owner"] for row in rows],
            )
        erased += len(rows)
        if len(rows) < _PAGE:
            return erased
