"""The figures of the register that the weekly page says, by its one definition (ADR 0027)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class WeeklyShare:
    """A share for the weekly page: `kept` of all that can be judged."""

    kept: int = 0
    n: int = 0


async def received(connection: Connection, month: date) -> Mapping[ClockName, WeeklyShare]:
    """For items received in this month: how many of the due ones were kept, by clock."""
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
    """For items answered from `first` to `last` (local days): how many were kept, by clock."""
    rows = await connection.fetch("SELECT clock, kept, n FROM desk.answered($1, $2)", first, last)
    return {ClockName(row["clock"]): WeeklyShare(row["kept"], row["n"]) for row in rows}
