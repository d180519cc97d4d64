"""What the register stated about its figures, out of the reach of its own role."""

from collections.abc import Sequence

from shared.database import Connection
from shared.facts.envelope import Digest
from shared.facts.quality import DrawMade, ListFrozen, MonthClosed, Quality


async def keep(connection: Connection, told: Sequence[Quality]) -> None:
    """Keeps those that are new."""
    await connection.executemany(
        """
        INSERT INTO notify.quality (event_id, seq, subject_id, type, sha256, happened_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
        """,
        [
            (
                fact.event_id,
                fact.seq,
                fact.subject_id,
                fact.type,
                _digest(fact),
                fact.happened_at,
            )
            for fact in told
        ],
    )


def _digest(fact: Quality) -> Digest:
    match fact:
        case MonthClosed():
            return fact.hash
        case ListFrozen():
            return fact.sha256
        case DrawMade():
            return fact.frame
