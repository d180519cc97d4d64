"""The scans that somebody handed in at the counter, and what the register made of each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.desk.domain.disposition import Disposition
from shared.content.spool import SOURCE
from shared.facts.envelope import Chrono, PersonId
from shared.facts.ids import arrival_id
from shared.platform.database import Connection

KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a deposit; `word` is `None` until the register heard of it."""

    word: Disposition | None = None
    chrono: Chrono | None = None


@dataclass(frozen=True, slots=True)
class CounterDeposit:
    """A deposit of scans at the counter: its moment, and its files in their order."""

    deposit: UUID
    at: datetime
    files: Sequence[UploadedFile]


async def note_deposit(
    connection: Connection, deposit: UUID, person: PersonId, at: datetime, files: int
) -> None:
    """Stores that somebody handed in so many scans at the counter, as one deposit."""
    await connection.execute(
        "INSERT INTO desk.counter_deposits (deposit, person, at, files) VALUES ($1, $2, $3, $4)",
        deposit,
        person,
        at,
        files,
    )


async def last_deposits(
    connection: Connection, site: str, person: PersonId, since: datetime, limit: int
) -> Sequence[CounterDeposit]:
    """Returns the last `limit` deposits of a person since a moment, the latest first."""
    deposits = await connection.fetch(
        """
        SELECT deposit, at, files FROM desk.counter_deposits
        WHERE person = $1 AND at >= $2 ORDER BY at DESC, deposit LIMIT $3
        """,
        person,
        since,
        limit,
    )
    arrivals = {
        row["deposit"]: [
            arrival_id(site, SOURCE, f"{row['deposit']}:{number}") for number in range(row["files"])
        ]
        for row in deposits
    }
    known = await connection.fetch(
        """
        SELECT a.arrival_id, a.word, i.chrono FROM desk.arrivals a
        LEFT JOIN desk.items i ON i.item_id = a.item_id WHERE a.arrival_id = ANY($1::uuid[])
        """,
        [arrival for each in arrivals.values() for arrival in each],
    )
    found = {
        row["arrival_id"]: UploadedFile(
            Disposition(row["word"]), row["chrono"] and Chrono(row["chrono"])
        )
        for row in known
    }
    return [
        CounterDeposit(
            row["deposit"],
            row["at"],
            [found.get(arrival, UploadedFile()) for arrival in arrivals[row["deposit"]]],
        )
        for row in deposits
    ]


async def forget(connection: Connection, now: datetime) -> None:
    """Deletes what was handed in more than two days ago (purge): the register has it long since."""
    await connection.execute("DELETE FROM desk.counter_deposits WHERE at < $1", now - KEPT)
