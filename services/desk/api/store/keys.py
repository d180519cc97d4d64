"""The keys of the API in schema `desk`: digests of their secrets, never these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.desk.api.domain.keys import ApiKey, scopes_of
from shared.platform.database import Connection
from shared.web.application_tokens import KeyId


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key as its row has it, with the digest of its secret and the day it was last used."""

    key: ApiKey
    digest: str
    seen_on: date | None


async def add(connection: Connection, key: ApiKey, digest: str, decision: UUID) -> bool:
    """Stores a new API key and the digest of its secret; returns whether it was stored.

    `decision`: the idempotency key of the form; one that has given a key already gives no second.
    """
    stored = await connection.fetchval(
        """
        INSERT INTO desk.api_keys
            (key, digest, label, scopes, services, per_minute, given_by, given_at, expires_at,
             decision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (decision) DO NOTHING RETURNING true
        """,
        key.key,
        digest,
        key.label,
        sorted(key.scopes),
        None if key.services is None else sorted(key.services),
        key.per_minute,
        key.given_by,
        key.given_at,
        key.expires_at,
        decision,
    )
    return bool(stored)


async def read_key(connection: Connection, key: KeyId) -> StoredKey | None:
    """Reads an API key by its public half, valid or not; `None` if there is none."""
    row = await connection.fetchrow("SELECT * FROM desk.api_keys WHERE key = $1", key)
    return None if row is None else _stored(row)


async def lock_key(connection: Connection, key: KeyId) -> StoredKey | None:
    """Reads an API key and locks its row, so that it is not confirmed or changed meanwhile.

    `None` if there is none.
    """
    row = await connection.fetchrow(
        "SELECT * FROM desk.api_keys WHERE key = $1 FOR NO KEY UPDATE", key
    )
    return None if row is None else _stored(row)


async def every(connection: Connection) -> Sequence[StoredKey]:
    """Reads all API keys ever created: those not revoked first, then the newest first."""
    rows = await connection.fetch(
        """
        SELECT * FROM desk.api_keys ORDER BY revoked_at IS NOT NULL, given_at DESC, key
        """
    )
    return [_stored(row) for row in rows]


async def confirm(connection: Connection, key: KeyId, by: str, now: datetime) -> bool:
    """Stores that a second person confirmed an API key; returns whether it waited for that."""
    done = await connection.fetchval(
        """
        UPDATE desk.api_keys SET confirmed_by = $2, confirmed_at = $3
        WHERE key = $1 AND confirmed_at IS NULL AND revoked_at IS NULL AND expires_at > $3
        RETURNING true
        """,
        key,
        by,
        now,
    )
    return bool(done)


async def revoke(connection: Connection, key: KeyId, by: str, now: datetime) -> bool:
    """Marks an API key as revoked; returns whether it existed and was not revoked yet."""
    done = await connection.fetchval(
        """
        UPDATE desk.api_keys SET revoked_by = $2, revoked_at = $3
        WHERE key = $1 AND revoked_at IS NULL RETURNING true
        """,
        key,
        by,
        now,
    )
    return bool(done)


async def note_use(connection: Connection, stored: StoredKey, today: date) -> None:
    """Stores the local day on which an API key was last used: one write a day, else no question."""
    if stored.seen_on != today:
        await connection.execute(
            "UPDATE desk.api_keys SET seen_on = $2 WHERE key = $1 AND seen_on IS DISTINCT FROM $2",
            stored.key.key,
            today,
        )


def _stored(row: asyncpg.Record) -> StoredKey:
    services = row["services"]
    return StoredKey(
        ApiKey(
            key=KeyId(row["key"]),
            label=row["label"],
            scopes=scopes_of(row["scopes"]),
            services=None if services is None else frozenset(services),
            per_minute=row["per_minute"],
            given_by=row["given_by"],
            given_at=row["given_at"],
            expires_at=row["expires_at"],
            revoked_at=row["revoked_at"],
            revoked_by=row["revoked_by"],
            confirmed_at=row["confirmed_at"],
            confirmed_by=row["confirmed_by"],
        ),
        row["digest"],
        row["seen_on"],
    )
