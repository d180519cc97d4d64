"""The deposits of the public form, and what the register made of them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.desk.domain.disposition import Disposition
from shared.content.spool import SOURCE
from shared.facts.envelope import ArrivalId, Chrono
from shared.facts.ids import arrival_id
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


async def registered(connection: Connection, arrival: ArrivalId) -> Registered | None:
    """The outcome of a deposit; `None` before the register has heard of it."""
    row = await connection.fetchrow(
        """
        SELECT a.word, i.chrono, i.received_on FROM desk.arrivals a
        LEFT JOIN desk.items i ON i.item_id = a.item_id WHERE a.arrival_id = $1
        """,
        arrival,
    )
    return (
        None
        if row is None
        else Registered(Disposition(row["word"]), row["chrono"], row["received_on"])
    )


async def oldest_unheard(
    connection: Connection, site: str, since: datetime, until: datetime
) -> datetime | None:
    """The moment of the oldest deposit made between two moments that the register never heard of.

    `None`: it heard of all. The portal wrote their numbers; their content came by another way.
    """
    rows = await connection.fetch(
        "SELECT deposit, at FROM portal.deposits WHERE at >= $1 AND at < $2", since, until
    )
    made = {arrival_id(site, SOURCE, str(row["deposit"])): row["at"] for row in rows}
    heard = await connection.fetch(
        "SELECT arrival_id FROM desk.arrivals WHERE arrival_id = ANY($1::uuid[])", list(made)
    )
    unheard = made.keys() - {row["arrival_id"] for row in heard}
    return min((made[deposit] for deposit in unheard), default=None)


async def forget(connection: Connection, before: datetime) -> None:
    """Deletes old deposits whose page nobody opens any more, save those in use just now."""
    await connection.execute("SELECT portal.forget($1)", before)
