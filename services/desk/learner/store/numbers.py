"""Which items teach, and the numbers of a night in the place of those before (sql/0570)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from services.desk.domain.learner_numbers import SHAPE
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

KEPT_NIGHTS: Final = 90
"""Nights whose counts stay, without their weights."""


async def last_day(connection: Connection) -> date | None:
    """Returns the local day of the last night of training with this shape of model, or `None`."""
    found: date | None = await connection.fetchval(
        """
        SELECT max(day) FROM desk.learned
        WHERE numbers IS NULL OR (numbers ->> 'shape')::int = $1
        """,
        SHAPE,
    )
    return found


async def begin(connection: Connection, day: date, now: datetime) -> None:
    """Stores that the site asks for the learner since now: a night on `day`, without anything.

    From it is counted for how long nothing was learned, should no night ever end. Does nothing
    where that day has a night.
    """
    await connection.execute(
        "INSERT INTO desk.learned (day, learned_at, letters) VALUES ($1, $2, 0)"
        " ON CONFLICT (day) DO NOTHING",
        day,
        now,
    )


async def sorted_items(
    connection: Connection, since: datetime, limit: int
) -> Sequence[tuple[ItemId, str | None]]:
    """Returns the items that people sorted since a moment, oldest first: the newest `limit`.

    The learner is trained on them. What waits to be sorted again, was joined to another or is gone
    teaches nothing, nor does what is or ever was réservé. With each stands by whom it was written:
    a pseudonym, or `None`.
    """
    rows = await connection.fetch(
        """
        SELECT item_id, correspondent AS writer FROM (
            SELECT i.item_id, i.correspondent, i.registered_at FROM desk.items i
            WHERE i.item_id IN (
                SELECT e.item_id FROM desk.facts e
                WHERE e.type = 'WaitEnded' AND e.recorded_at >= $1 AND e.by LIKE 'person:%'
                  AND e.payload::jsonb ->> 'waiting' = 'to_qualify')
              AND i.state NOT IN ('to_qualify', 'merged', 'destroyed') AND NOT i.was_reserved
            ORDER BY i.registered_at DESC, i.item_id LIMIT $2) AS newest
        ORDER BY registered_at, item_id
        """,
        since,
        limit,
    )
    return [(ItemId(row["item_id"]), row["writer"]) for row in rows]


async def publish(
    connection: Connection,
    day: date,
    now: datetime,
    letters: int,
    numbers: Mapping[str, Any] | None,
    weights: Iterable[tuple[int, Sequence[float]]],
) -> bool:
    """Stores a night's learner model in place of the former; `False` if another process has.

    `weights`: bucket and row. With `numbers` None there are none, and those before go.
    """
    added = await connection.fetchval(
        """
        INSERT INTO desk.learned (day, learned_at, letters, numbers)
        VALUES ($1, $2, $3, $4::text::jsonb)
        ON CONFLICT (day) DO UPDATE SET
            learned_at = excluded.learned_at, letters = excluded.letters,
            numbers = excluded.numbers
        WHERE (learned.numbers ->> 'shape')::int <> $5
        RETURNING day
        """,
        day,
        now,
        letters,
        None if numbers is None else json.dumps(numbers),
        SHAPE,
    )
    if added is None:
        return False
    await connection.execute("DELETE FROM desk.learned_weights")
    await connection.copy_records_to_table(
        "learned_weights",
        schema_name="desk",
        columns=("bucket", "day", "weights"),
        records=[(bucket, day, row) for bucket, row in weights],
    )
    await connection.execute(
        """
        DELETE FROM desk.learned WHERE day NOT IN (
            SELECT day FROM desk.learned ORDER BY day DESC LIMIT $1)
        """,
        KEPT_NIGHTS,
    )
    return True


async def forget(connection: Connection) -> None:
    """Deletes all that the learner learned: the site asks for it no more."""
    await connection.execute("DELETE FROM desk.learned_weights")
    await connection.execute("DELETE FROM desk.learned")
