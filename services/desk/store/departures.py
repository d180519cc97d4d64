"""The register of departures: each outgoing reply has a chrono of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.authors import by_person
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection


async def keep(
    connection: Connection, departed: Sequence[tuple[Chrono, ItemId]], now: datetime
) -> None:
    """Stores the chrono that each reply got as it left, with the item that it answers."""
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


@dataclass(frozen=True, slots=True)
class DepartureRow:
    """An outgoing letter that somebody keyed, with its chrono and whether it was withdrawn."""

    departure: Chrono
    chrono: Chrono
    fact_type: str
    seq: int
    at: datetime
    taken_back: bool


async def keyed_departures(
    connection: Connection, person: str, since: datetime, limit: int = 60
) -> Sequence[DepartureRow]:
    """Returns the outgoing letters that one person keyed since a moment: the latest `limit`.

    The latest comes first. A departure is joined with its fact by the moment that they share.
    """
    rows = await connection.fetch(
        f"""
        SELECT d.chrono AS departure, i.chrono, f.type AS fact_type, f.seq, d.recorded_at AS at,
               {TAKEN_BACK} AS taken_back
        FROM desk.facts f
        JOIN desk.departures d ON d.item_id = f.item_id AND d.recorded_at = f.recorded_at
        JOIN desk.items i ON i.item_id = f.item_id
        WHERE f.recorded_at >= $2 AND f.by = $1
          AND f.type IN ('ReplySent', 'HoldingReplySent', 'PiecesRequested', 'PersonTold',
                         'AcknowledgementSent', 'AwaitingThird')
          AND coalesce(f.payload::jsonb ->> 'departure', d.chrono) = d.chrono
        ORDER BY d.recorded_at DESC, d.chrono DESC LIMIT $3
        """,  # noqa: S608  (a constant of facts.py)
        by_person(person),
        since,
        limit,
    )
    return [DepartureRow(**row) for row in rows]
