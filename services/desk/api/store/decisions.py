"""The decisions that programs took by their keys: what was answered, for whoever asks again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.platform.database import Connection
from shared.web.application_tokens import KeyId

KEPT: Final = timedelta(days=30)
"""So long a repeated request has the answer of the first one."""
FORGOTTEN_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer of a decision that was taken before, with the digest of its request."""

    digest: str
    answer: str


async def claim(
    connection: Connection, key: KeyId, said: str, digest: str, now: datetime
) -> StoredAnswer | None:
    """Claims an idempotency key for a request of this digest; `None`: it is the first one.

    A second request waits until the first one has committed, and has its answer.
    """
    first = await connection.fetchval(
        """
        INSERT INTO desk.api_decisions (key, said, digest, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key, said) DO NOTHING RETURNING true
        """,
        key,
        said,
        digest,
        now,
    )
    if first:
        return None
    row = await connection.fetchrow(
        "SELECT digest, answer FROM desk.api_decisions WHERE key = $1 AND said = $2", key, said
    )
    return None if row is None else StoredAnswer(row["digest"], row["answer"])


async def keep(connection: Connection, key: KeyId, said: str, answer: str) -> None:
    """Keeps the answer of a decision under the idempotency key that its request claimed."""
    await connection.execute(
        "UPDATE desk.api_decisions SET answer = $3 WHERE key = $1 AND said = $2", key, said, answer
    )


async def forget(connection: Connection, before: datetime) -> int:
    """Deletes answers older than `before`, some at a time; returns how many."""
    gone: int = await connection.fetchval(
        """
        WITH gone AS (
            DELETE FROM desk.api_decisions WHERE (key, said) IN (
                SELECT key, said FROM desk.api_decisions WHERE at < $1
                ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING 1)
        SELECT count(*)::int FROM gone
        """,
        before,
        FORGOTTEN_AT_ONCE,
    )
    return gone
