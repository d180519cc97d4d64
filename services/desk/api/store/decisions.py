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
    """The stored answer to a program's decision, with the digest of the request it answered."""

    digest: str
    answer: str


async def claim(
    connection: Connection, key: KeyId, said: str, digest: str, now: datetime
) -> StoredAnswer | None:
    """Claims an idempotency key for a program's request; returns the answer to an earlier one.

    `None`: this is the first request with the key. A second one waits until the first has
    committed.
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
    """Stores the answer to a program's decision under the idempotency key claimed for it."""
    await connection.execute(
        "UPDATE desk.api_decisions SET answer = $3 WHERE key = $1 AND said = $2", key, said, answer
    )


async def forget(connection: Connection, before: datetime) -> int:
    """Deletes at most a thousand stored answers older than `before`; returns how many."""
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
