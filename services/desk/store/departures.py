"""The register of departures: each outgoing reply has a chrono of its own."""

from collections.abc import Sequence
from datetime import datetime

from shared.database import Connection
from shared.facts.envelope import Chrono, ItemId


async def keep(
    connection: Connection, departed: Sequence[tuple[Chrono, ItemId]], now: datetime
) -> None:
    """Writes down which item each departure answered."""
    if departed:
        await connection.execute(
            """
            INSERT INTO desk.departures (chrono, item_id, recorded_at)
            SELECT chrono, item_id, $3 FROM unnest($1::text[], $2::uuid[]) AS d (chrono, item_id)
            """,
            [chrono for chrono, _ in departed],
            [item_id for _, item_id in departed],
            now,
        )
