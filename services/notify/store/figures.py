"""The figures of the register that the weekly page says, by its one definition (ADR 0027)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.database import Connection
from shared.facts.vocabulary import ClockName


@dataclass(frozen=True, slots=True)
class WeeklyShare:
    """So many kept of those that can be judged."""

    kept: int = 0
    n: int = 0


async def received(connection: Connection, month: date) -> Mapping[ClockName, WeeklyShare]:
    """Of what was received in the month that begins on this day: kept, of what is due."""
    rows = await connection.fetch(
        """
        SELECT clock, sum(kept)::integer AS kept, sum(due)::integer AS n FROM desk.rates
        WHERE month = $1 GROUP BY clock
        """,
        month,
    )
    return {ClockName(row["clock"]): WeeklyShare(row["kept"], row["n"]) for row in rows}


async def answered(
    connection: Connection, first: date, last: date
) -> Mapping[ClockName, WeeklyShare]:
    """Of what was answered from `first` to `last` (local days): kept, of all."""
    rows = await connection.fetch("SELECT clock, kept, n FROM desk.answered($1, $2)", first, last)
    return {ClockName(row["clock"]): WeeklyShare(row["kept"], row["n"]) for row in rows}
