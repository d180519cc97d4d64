"""What verifications found: appended, and read by gauges, pages and the weekly page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.desk.evidence.domain.difference import Difference
from shared.facts.envelope import Chrono
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of one nightly verification of figures and evidence, as stored."""

    number: int
    day: date
    verified_at: datetime
    items: int
    clocks: int
    differ: int
    said: Sequence[str]
    """Remarks that are no difference and should be known, such as a road that lags."""


async def keep(
    connection: Connection,
    at: tuple[date, datetime],
    counted: tuple[int, int, int],
    checked: Mapping[str, int],
    differences: Sequence[Difference],
    said: Sequence[str],
) -> int:
    """Stores a nightly verification with its counts and differences; returns its number."""
    number: int = await connection.fetchval(
        """
        INSERT INTO desk.verifications
            (day, verified_at, items, clocks, differ, checked, said)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING verification
        """,
        *at,
        *counted,
        dict(checked),
        list(said),
    )
    await connection.executemany(
        """
        INSERT INTO desk.differences
            (verification, place, what, subject, sentence, chrono, proven, found)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [
            (
                number,
                place,
                difference.check,
                difference.subject,
                difference.what,
                difference.chrono,
                difference.proven,
                difference.found,
            )
            for place, difference in enumerate(differences, start=1)
        ],
    )
    return number


async def last(connection: Connection) -> Verification | None:
    """Reads the last nightly verification of the evidence; `None` if there was none yet."""
    row = await connection.fetchrow(
        """
        SELECT verification, day, verified_at, items, clocks, differ, said
        FROM desk.verifications ORDER BY verification DESC LIMIT 1
        """
    )
    return None if row is None else Verification(*row.values())


async def has_verification(connection: Connection, day: date) -> bool:
    """Returns whether the nightly verification of the evidence was made on this local day."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM desk.verifications WHERE day = $1)", day
        )
    )


async def differences(connection: Connection, number: int) -> Sequence[Difference]:
    """Returns the differences that one verification found, in order."""
    rows = await connection.fetch(
        """
        SELECT what, subject, sentence, proven, found, chrono FROM desk.differences
        WHERE verification = $1 ORDER BY place
        """,
        number,
    )
    return [
        Difference(
            row["what"],
            row["subject"],
            row["sentence"],
            row["proven"],
            row["found"],
            None if row["chrono"] is None else Chrono(row["chrono"]),
        )
        for row in rows
    ]


async def by_check(connection: Connection, number: int) -> Mapping[str, int]:
    """Counts the differences that a verification found, by check."""
    rows = await connection.fetch(
        "SELECT what, count(*) AS n FROM desk.differences WHERE verification = $1 GROUP BY what",
        number,
    )
    return {row["what"]: row["n"] for row in rows}
