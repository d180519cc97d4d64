"""What the register stated about its figures, out of the reach of its own role."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from services.notify.store import quality_reminders
from shared.facts.envelope import Digest, EventId
from shared.facts.quality import DrawMade, MonthClosed, MonthCorrected, Quality
from shared.platform.database import Connection

NOTHING = Digest("")
"""The hash of what says nothing but that it happened."""


async def keep_new(connection: Connection, told: Sequence[Quality]) -> AbstractSet[EventId]:
    """Stores facts of topic `quality` (figures), each once (deduplication); returns the new ids."""
    rows = await connection.fetch(
        """
        INSERT INTO notify.quality (event_id, seq, subject_id, type, sha256, happened_at)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[],
                             $6::timestamptz[])
        ON CONFLICT DO NOTHING RETURNING event_id
        """,
        [fact.event_id for fact in told],
        [fact.seq for fact in told],
        [fact.subject_id for fact in told],
        [fact.type for fact in told],
        [digest_of(fact) for fact in told],
        [fact.happened_at for fact in told],
    )
    new = {EventId(row["event_id"]) for row in rows}
    await quality_reminders.keep(connection, told, new)
    return new


def digest_of(fact: Quality) -> Digest:
    """Returns the hash that a fact about figures carries, for the register's nightly comparison."""
    match fact:
        case MonthClosed():
            return fact.hash
        case MonthCorrected():
            return fact.closed
        case DrawMade():
            return fact.frame
        case _:
            return getattr(fact, "sha256", None) or NOTHING
