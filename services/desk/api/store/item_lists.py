"""The question of the API for lists of items: the newest first, page after page."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.desk.domain.item import DONE, ItemStatus
from services.desk.store.cursors import MomentCursor
from services.desk.store.search_bound import beginning
from services.desk.store.search_types import FILTERED, Filter
from services.desk.store.states import not_in
from services.desk.store.visibility import Visibility
from shared.facts.envelope import Chrono
from shared.platform.database import Connection


class ListedItem(NamedTuple):
    """An item as a line of a list of the API: codes, numbers and local days, no content."""

    chrono: Chrono
    version: int
    """The number of its facts."""
    state: str
    confirmed: bool
    """Whether somebody has sorted it."""
    channel: str
    category: str
    nature: str
    priority: str
    perimeter: bool
    reserved: bool
    service: str
    agent: str | None
    signatory: str | None
    received_on: date
    registered_at: datetime
    due: date | None
    due_clock: str | None
    late: bool
    at_risk: bool


_LISTED = f"""
    SELECT chrono, seq AS version, state, state <> '{ItemStatus.TO_QUALIFY}' AS confirmed, channel,
           category, nature, priority, perimeter, confidentiality <> 'normal' AS reserved, service,
           agent, signatory, received_on, registered_at, due, due_clock,
           coalesce(due < $13, false) AND {not_in(DONE, "i.state")} AS late, at_risk
    FROM desk.items i
    WHERE desk.known_to(i, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
      AND {FILTERED}
      AND ($14::timestamptz IS NULL OR (registered_at, chrono) < ($14, $15::text))
    ORDER BY registered_at DESC, chrono DESC LIMIT $16
"""  # noqa: S608  (constants of the program)


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
    return [ListedItem(**row) for row in rows]
