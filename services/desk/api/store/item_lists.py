"""The question of the API for lists of items: the newest first, page after page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.desk.store.cursors import MomentCursor
from services.desk.store.lists import WorkLine, line_of
from services.desk.store.search_bound import beginning
from services.desk.store.search_types import FILTERED, Filter
from services.desk.store.visibility import Visibility
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item in a list of the API, with the number of its facts and when it was registered."""

    line: WorkLine
    version: int
    registered_at: datetime
    reserved: bool


_LISTED = f"""
    SELECT chrono, seq, state, channel, category, nature, perimeter, priority, service, agent,
           signatory, received_on, registered_at, due, due_clock, at_risk,
           confidentiality <> 'normal' AS reserved
    FROM desk.items i
    WHERE desk.known_to(i, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
      AND {FILTERED}
      AND ($14::timestamptz IS NULL OR (registered_at, chrono) < ($14, $15::text))
    ORDER BY registered_at DESC, chrono DESC LIMIT $16
"""  # noqa: S608  (a constant of store/search_types.py)


async def page(
    connection: Connection,
    seen: Visibility,
    which: Filter,
    today: date,
    after: MomentCursor | None,
    limit: int,
) -> Sequence[ListedItem]:
    """Reads at most `limit` items that a key may know of and that pass a filter, newest first."""
    # Of filters that are mostly empty a generic plan would read the whole register.
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
    everything, known, persons, services, led = seen
    after = await beginning(connection, which, after)
    start = (None, None) if after is None else (after.key, after.name)
    rows = await connection.fetch(
        _LISTED,
        everything,
        known,
        persons,
        services,
        led,
        False,  # noqa: FBT003  (nobody knows of what they may not read)
        *which.parameters(today),
        *start,
        limit,
    )
    return [
        ListedItem(line_of(row), row["seq"], row["registered_at"], row["reserved"]) for row in rows
    ]
