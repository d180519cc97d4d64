"""The roots of the evidence, as told by night, up to the digest that says them."""

from collections.abc import Sequence

from shared.database import Connection
from shared.facts.envelope import Digest, NoticeId
from shared.facts.gone import EvidenceSealed
from shared.site.pages import Seal


async def keep(connection: Connection, told: Sequence[EvidenceSealed]) -> None:
    """Keeps those that are new."""
    if not told:
        return
    await connection.executemany(
        """
        INSERT INTO notify.seals (event_id, day, root, chains) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """,
        [(fact.event_id, fact.day, fact.root, fact.chains) for fact in told],
    )


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
