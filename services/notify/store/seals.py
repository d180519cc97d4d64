"""The roots of the evidence, as told by night, up to the digest that says them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from shared.database import Connection
from shared.facts.envelope import Digest, EventId, NoticeId
from shared.facts.gone import EvidenceSealed
from shared.site.pages import Seal


async def keep_new(connection: Connection, told: Sequence[EvidenceSealed]) -> AbstractSet[EventId]:
    """Keeps what was never kept; the ids of that."""
    if not told:
        return set()
    rows = await connection.fetch(
        """
        INSERT INTO notify.seals (event_id, day, root, chains)
        SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::int[])
        ON CONFLICT DO NOTHING RETURNING event_id
        """,
        [fact.event_id for fact in told],
        [fact.day for fact in told],
        [fact.root for fact in told],
        [fact.chains for fact in told],
    )
    return {EventId(row["event_id"]) for row in rows}


async def wait(connection: Connection) -> bool:
    """Whether one waits to be said."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM notify.seals WHERE notice_id IS NULL)"
        )
    )


async def assign(connection: Connection, notice: NoticeId) -> None:
    """A digest will say all that wait."""
    await connection.execute(
        "UPDATE notify.seals SET notice_id = $1 WHERE notice_id IS NULL", notice
    )


async def of_notice(connection: Connection, notice: NoticeId) -> Sequence[Seal]:
    """What a digest says, oldest first."""
    rows = await connection.fetch(
        "SELECT day, root, chains FROM notify.seals WHERE notice_id = $1 ORDER BY day", notice
    )
    return [Seal(row["day"], Digest(row["root"]), row["chains"]) for row in rows]
