"""Letters of ours that came back: what waits for the mail office, and what somebody keyed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.domain.decisions.letter_returns import ReturnedDeparture
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.store import fact_history
from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.authors import by_person
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection
from shared.platform.postgres import rows


async def open_returns(connection: Connection, limit: int = 200) -> Sequence[Item]:
    """Returns the items with a letter that the post returned and nobody settled, oldest first.

    At most `limit`, without those that can't be read (shared/platform/postgres/rows.py).
    """
    waits = await connection.fetch(
        """
        SELECT item_id FROM desk.items
        WHERE returned_at IS NOT NULL AND state NOT IN ('merged', 'destroyed')
        ORDER BY returned_at, chrono LIMIT $1
        """,
        limit,
    )
    ids = [ItemId(row["item_id"]) for row in waits]
    told, unreadable = await fact_history.readable(connection, ids)
    rows.leave_out(unreadable.values())
    return [fold(told[item_id]) for item_id in ids if item_id in told]


async def find_departure(connection: Connection, chrono: Chrono) -> ReturnedDeparture | None:
    """Returns the outgoing letter with this chrono and when it was recorded, or `None`."""
    at = await connection.fetchval(
        "SELECT recorded_at FROM desk.departures WHERE chrono = $1", chrono
    )
    return None if at is None else ReturnedDeparture(chrono, at)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A letter returned by the post, as somebody keyed it."""

    chrono: Chrono
    seq: int
    at: datetime


async def last_keyed(connection: Connection, person: str, since: datetime) -> Keyed | None:
    """Returns the last returned letter that a person keyed since a moment, or `None`.

    One whose record was withdrawn is passed over.
    """
    row = await connection.fetchrow(
        f"""
        SELECT i.chrono, f.seq, f.recorded_at AS at
        FROM desk.facts f JOIN desk.items i USING (item_id)
        WHERE f.recorded_at >= $2 AND f.by = $1 AND f.type = 'LetterReturned'
          AND NOT {TAKEN_BACK}
        ORDER BY f.recorded_at DESC, i.chrono DESC LIMIT 1
        """,  # noqa: S608  (a constant of facts.py)
        by_person(person),
        since,
    )
    return None if row is None else Keyed(**row)
