"""The deposits of the public form, and what the register made of them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.desk.domain.disposition import Disposition
from shared.facts.envelope import ArrivalId, Chrono
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit: one submission of the public form."""

    deposit: UUID
    at: datetime


async def numbered(connection: Connection, number: str) -> Deposit | None:
    """Finds the deposit whose id begins with these twelve hexadecimal digits."""
    row = await connection.fetchrow(
        """
        SELECT deposit, at FROM portal.deposits
        WHERE deposit BETWEEN rpad($1, 32, '0')::uuid AND rpad($1, 32, 'f')::uuid
        """,
        number,
    )
    return None if row is None else Deposit(row["deposit"], row["at"])


@dataclass(frozen=True, slots=True)
class Registered:
    """The outcome of a deposit in the register."""

    word: Disposition
    chrono: Chrono | None
    received_on: date | None


async def registered(connection: Connection, arrival_id: ArrivalId) -> Registered | None:
    """The outcome of a deposit; `None` before the register has heard of it."""
    row = await connection.fetchrow(
        """
        SELECT a.word, i.chrono, i.received_on FROM desk.arrivals a
        LEFT JOIN desk.items i ON i.item_id = a.item_id WHERE a.arrival_id = $1
        """,
        arrival_id,
    )
    return (
        None
        if row is None
        else Registered(Disposition(row["word"]), row["chrono"], row["received_on"])
    )


async def forget(connection: Connection, before: datetime) -> None:
    """Deletes old deposits whose page nobody opens any more, save those in use just now."""
    await connection.execute("SELECT portal.forget($1)", before)
