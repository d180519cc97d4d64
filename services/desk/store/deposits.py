"""The deposits of the public form, and what the register made of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.desk.domain.disposition import Disposition
from shared.content.spool import SOURCE
from shared.facts.envelope import ArrivalId, Chrono
from shared.facts.ids import arrival_id
from shared.platform.database import Connection

ANSWERED_FOR: Final = timedelta(days=90)
"""So long the page of a public deposit answers (sql/0041)."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit: one submission of the public web form, with its moment."""

    deposit: UUID
    at: datetime


async def find_deposit(connection: Connection, number: str) -> Deposit | None:
    """Finds the form deposit whose id begins with these twelve hexadecimal digits, or `None`."""
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
    """The register's outcome for a form deposit: its disposition, chrono, day of receipt."""

    word: Disposition
    chrono: Chrono | None
    received_on: date | None


async def registered_deposit(connection: Connection, arrival: ArrivalId) -> Registered | None:
    """Returns what the register made of a deposit; `None` before its arrival was registered."""
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
    """Returns the moment of the oldest form deposit that never reached the register.

    Only deposits made from `since` until before `until` are asked; `None`: all reached it.
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
    """Deletes form deposits older than `before`, save those in use just now (purge)."""
    await connection.execute("SELECT portal.forget($1)", before)
