"""The deposits of the form, and the register's row on what each may show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import ArrivalId, Chrono, ServiceId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Followed:
    """The state of a deposit that the register lets the portal show: no name, no text."""

    state: str
    """`received`, `looked_at`, `registered` or `answered`."""
    chrono: Chrono | None
    service: ServiceId | None
    """The service that has it, once a person or a certain rule said so."""
    missing: str | None
    """`pieces`: its sender was asked for some."""


async def insert(
    connection: Connection, deposit: UUID, now: datetime, *, by_program: bool = False
) -> None:
    """Stores the number of a deposit (idempotent); a second call waits for the first."""
    await connection.execute(
        "INSERT INTO portal.deposits (deposit, at, by_program) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        deposit,
        now,
        by_program,
    )


async def since(connection: Connection, moment: datetime) -> int:
    """Counts the deposits of people stored since a moment."""
    count: int = await connection.fetchval(
        "SELECT count(*)::int FROM portal.deposits WHERE at >= $1 AND NOT by_program", moment
    )
    return count


async def made_at(connection: Connection, deposit: UUID) -> datetime | None:
    """Returns the moment at which a deposit was stored; `None`: it never was, or long ago."""
    found: datetime | None = await connection.fetchval(
        "SELECT at FROM portal.deposits WHERE deposit = $1", deposit
    )
    return found


async def followed_deposit(connection: Connection, arrival_id: ArrivalId) -> Followed | None:
    """Reads the state of a deposit that the register shows; `None` before it knows the deposit."""
    row = await connection.fetchrow(
        "SELECT state, chrono, service, missing FROM portal.followed WHERE arrival_id = $1",
        arrival_id,
    )
    return None if row is None else Followed(**row)
