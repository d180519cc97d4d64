"""The keys by which other programs deposit, as the register lets the portal know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.errors import TemporaryFailure
from shared.platform.database import Connection
from shared.web.application_tokens import KeyId


@dataclass(frozen=True, slots=True)
class DepositKey:
    """A key that deposits: the digest of its secret, for which services, how often, until when."""

    key: KeyId
    digest: str
    services: frozenset[str] | None
    """`None`: to any service, and to none by name."""
    per_minute: int
    expires_at: datetime


async def read_key(connection: Connection, key: KeyId) -> DepositKey | None:
    """Reads a deposit key by its shown half; `None` if there is none that may be used."""
    row = await connection.fetchrow(
        "SELECT key, digest, services, per_minute, expires_at FROM portal.deposit_keys"
        " WHERE key = $1",
        key,
    )
    return None if row is None else _key(row)


async def every(connection: Connection) -> Sequence[DepositKey]:
    """Reads all keys by which programs deposit."""
    rows = await connection.fetch(
        "SELECT key, digest, services, per_minute, expires_at FROM portal.deposit_keys"
    )
    return [_key(row) for row in rows]


def _key(row: asyncpg.Record) -> DepositKey:
    services = row["services"]
    return DepositKey(
        KeyId(row["key"]),
        row["digest"],
        None if services is None else frozenset(services),
        row["per_minute"],
        row["expires_at"],
    )


class KnownDepositKeys:
    """A cache of the keys that deposit, for when PostgreSQL is away."""

    def __init__(self) -> None:
        self._keys: Mapping[KeyId, DepositKey] = {}

    def keep(self, keys: Sequence[DepositKey]) -> None:
        """Replaces the cached keys by what was read."""
        self._keys = {row.key: row for row in keys}

    def of(self, key: KeyId) -> DepositKey:
        """Returns a key as it was last read.

        Raises TemporaryFailure when it is not known: it may have been given since.
        """
        found = self._keys.get(key)
        if found is None:
            raise TemporaryFailure("PostgreSQL is away, and this key is not known here.")
        return found
