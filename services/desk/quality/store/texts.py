"""Free texts of the quality system: kept beside the chain, of which a fact has only the SHA-256.

Chance stands before each text and goes with it, so that nobody confirms by the digest what an
erased text said.
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from services.desk.domain.writings import digest_of, text_id
from shared.errors import Refused
from shared.facts.envelope import Digest
from shared.platform.database import Connection

ALTERED: Final = "(texte altéré)"
"""Shown for a text that is not the one of its digest: the nightly verification names it too."""
MISSING: Final = "(texte manquant)"
"""Shown for a text whose row is gone, which no decision does."""
_SALT_OCTETS: Final = 16
LONGEST: Final = 4_000
"""Letters of a text about quality."""

TextsByDigest = Mapping[tuple[UUID, Digest], str]
"""Free texts by their subject and digest."""


def short(text: str, most: int = LONGEST) -> str:
    """Returns a typed text if it is short enough; raises Refused otherwise."""
    if len(text) > most:
        raise Refused(f"At most {most} letters.", "quality-text-long", most=most)
    return text


async def keep(connection: Connection, subject: UUID, text: str, now: datetime) -> Digest:
    """Stores a free text about a subject; returns the digest by which a fact names it.

    A text stored twice gets two digests, as each has a random salt.
    """
    salt = secrets.token_hex(_SALT_OCTETS)
    sha256 = digest_of(text, salt)
    await connection.execute(
        """
        INSERT INTO desk.quality_texts (id, sha256, body, salt, kept_at)
        VALUES ($1, $2, $3, $4, $5)
        """,
        text_id(subject, sha256),
        sha256,
        text,
        salt,
        now,
    )
    return sha256


async def texts(connection: Connection, wanted: Collection[tuple[UUID, Digest]]) -> TextsByDigest:
    """Returns free texts as a page shows them; those that were erased are left out.

    `ALTERED` stands for a text that differs from its digest, `MISSING` for one without a row.
    """
    keys = {text_id(subject, sha256): (subject, sha256) for subject, sha256 in wanted}
    rows = await connection.fetch(
        "SELECT id, body, salt FROM desk.quality_texts WHERE id = ANY ($1::uuid[])", list(keys)
    )
    found = dict.fromkeys(wanted, MISSING)
    for row in rows:
        key, body = keys[row["id"]], row["body"]
        if body is None:
            found.pop(key, None)
        else:
            found[key] = body if digest_of(body, row["salt"]) == key[1] else ALTERED
    return found


async def erase(connection: Connection, subject: UUID, sha256: Digest, now: datetime) -> bool:
    """Erases a stored free text with its salt; returns whether there was one.

    The fact with its digest stays.
    """
    found = await connection.fetchval(
        """
        UPDATE desk.quality_texts SET body = NULL, salt = NULL, erased_at = $2
        WHERE id = $1 AND body IS NOT NULL RETURNING true
        """,
        text_id(subject, sha256),
        now,
    )
    return bool(found)
