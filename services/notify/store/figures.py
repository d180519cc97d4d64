"""The figures of the register that the weekly page says, by its one definition (ADR 0027)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.site.texts.pages import Verified


@dataclass(frozen=True, slots=True)
class WeeklyShare:
    """A rate for the weekly page: `kept` of the `n` promises that can be judged."""

    kept: int = 0
    n: int = 0


async def received(connection: Connection, month: date) -> Mapping[ClockName, WeeklyShare]:
    """Counts, by clock, how many due promises were kept for items received in a month."""
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
    """Counts, by clock, how many promises were kept for items answered in local days.

    `first` to `last`, both included.
    """
    rows = await connection.fetch("SELECT clock, kept, n FROM desk.answered($1, $2)", first, last)
    return {ClockName(row["clock"]): WeeklyShare(row["kept"], row["n"]) for row in rows}


async def verified(connection: Connection) -> Verified | None:
    """Returns the result of the register's last verification of figures; `None`: none yet."""
    row = await connection.fetchrow("SELECT day, items, clocks, differ FROM desk.verified")
    return None if row is None else Verified(*row.values())
