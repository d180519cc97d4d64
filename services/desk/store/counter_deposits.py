"""The scans that somebody handed in at the counter, and what the register made of each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.desk.domain.disposition import Disposition
from shared.content.spool import SOURCE
from shared.facts.envelope import ArrivalId, Chrono, PersonId
from shared.facts.ids import arrival_id, part_name
from shared.platform.database import Connection

KEPT: Final = timedelta(days=2)
MOST_LETTERS: Final = 100
"""Of one file, cut at our sheets, whose numbers are looked for."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file of a deposit, or a letter cut out of it; `word` is `None` until the register heard."""

    word: Disposition | None = None
    chrono: Chrono | None = None


_UNKNOWN: Final = UploadedFile(), False


@dataclass(frozen=True, slots=True)
class CounterDeposit:
    """A deposit of scans at the counter: its moment, and its files in their order.

    A file that was cut at our sheets stands there once for each of its letters.
    """

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
    first = {
        (row["deposit"], number): _arrival(site, row["deposit"], number)
        for row in deposits
        for number in range(row["files"])
    }
    known = await _known(connection, list(first.values()))
    rest = {
        (deposit, number): [
            _arrival(site, deposit, number, place) for place in range(1, MOST_LETTERS)
        ]
        for (deposit, number), arrival in first.items()
        if arrival in known and known[arrival][1]
    }
    known |= await _known(connection, [arrival for each in rest.values() for arrival in each])

    def files(deposit: UUID, count: int) -> list[UploadedFile]:
        found = list[UploadedFile]()
        for number in range(count):
            found.append(known.get(first[deposit, number], _UNKNOWN)[0])
            found += (known[of][0] for of in rest.get((deposit, number), ()) if of in known)
        return found

    return [
        CounterDeposit(row["deposit"], row["at"], files(row["deposit"], row["files"]))
        for row in deposits
    ]


def _arrival(site: str, deposit: UUID, number: int, place: int = 0) -> ArrivalId:
    return arrival_id(site, SOURCE, part_name(deposit, number, place))


async def _known(
    connection: Connection, arrivals: Sequence[ArrivalId]
) -> dict[ArrivalId, tuple[UploadedFile, bool]]:
    """What became of arrivals, and whether each was cut out of a file with others."""
    rows = await connection.fetch(
        """
        SELECT a.arrival_id, a.word, i.chrono,
               a.told::jsonb #>> '{scan,batch}' IS NOT NULL AS cut
        FROM desk.arrivals a
        LEFT JOIN desk.items i ON i.item_id = a.item_id WHERE a.arrival_id = ANY($1::uuid[])
        """,
        arrivals,
    )
    return {
        ArrivalId(row["arrival_id"]): (
            UploadedFile(Disposition(row["word"]), row["chrono"] and Chrono(row["chrono"])),
            row["cut"],
        )
        for row in rows
    }


async def forget(connection: Connection, now: datetime) -> None:
    """Deletes what was handed in more than two days ago (purge): the register has it long since."""
    await connection.execute("DELETE FROM desk.counter_deposits WHERE at < $1", now - KEPT)
