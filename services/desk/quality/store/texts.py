"""Free texts of the quality system: kept beside the chain, of which a fact has only the SHA-256."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from shared.facts import ids
from shared.facts.envelope import Digest
from shared.platform.database import Connection


def digest(text: str) -> Digest:
    """The SHA-256 of a text in UTF-8, as a fact has it."""
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def text_id(subject: UUID, sha256: Digest) -> UUID:
    """The id of a text: of the subject of its fact, and what it says."""
    return UUID(str(ids.event_id(subject, "text", sha256)))


async def keep(connection: Connection, subject: UUID, text: str, now: datetime) -> Digest:
    """Keeps a text of a subject, once; returns the digest that its fact states."""
    sha256 = digest(text)
    await connection.execute(
        """
        INSERT INTO desk.quality_texts (id, sha256, body, kept_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, erased_at = NULL
        """,
        text_id(subject, sha256),
        sha256,
        text,
        now,
    )
    return sha256


async def texts(
    connection: Connection, wanted: Collection[tuple[UUID, Digest]]
) -> Mapping[tuple[UUID, Digest], str]:
    """The texts of subjects by digest; what was erased, or differs from its digest, is left out."""
    keys = {text_id(subject, sha256): (subject, sha256) for subject, sha256 in wanted}
    rows = await connection.fetch(
        "SELECT id, body FROM desk.quality_texts WHERE id = ANY ($1::uuid[]) AND body IS NOT NULL",
        list(keys),
    )
    return {
        keys[row["id"]]: row["body"] for row in rows if digest(row["body"]) == keys[row["id"]][1]
    }


async def erase(connection: Connection, subject: UUID, sha256: Digest, now: datetime) -> bool:
    """Erases a text; returns whether there was one. Its fact and digest stay."""
    found = await connection.fetchval(
        """
        UPDATE desk.quality_texts SET body = NULL, erased_at = $2
        WHERE id = $1 AND body IS NOT NULL RETURNING true
        """,
        text_id(subject, sha256),
        now,
    )
    return bool(found)
