"""The published numbers of what was learned from clerks (sql/0570), as pages read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.desk.domain.learner_numbers import LEARNER_NUMBERS, LearnerNumbers
from shared.platform.database import Connection
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class LearnedNight:
    """A night in which the learner was trained: its local day, moment, and the model published."""

    day: date
    learned_at: datetime
    letters: int
    numbers: LearnerNumbers | None
    """`None`: there were too few corrections."""


async def last_night(connection: Connection) -> LearnedNight | None:
    """Returns the last night in which the learner was trained, or `None` before the first.

    Raises UnreadableRow where another version left other numbers.
    """
    row = await connection.fetchrow(
        """
        SELECT day, learned_at, letters, numbers::text AS numbers
        FROM desk.learned ORDER BY day DESC LIMIT 1
        """
    )
    if row is None:
        return None
    return rows.read("desk.learned", row["day"], lambda: _night(row))


def _night(row: asyncpg.Record) -> LearnedNight:
    numbers = None if row["numbers"] is None else LEARNER_NUMBERS.validate_json(row["numbers"])
    return LearnedNight(row["day"], row["learned_at"], row["letters"], numbers)


async def weights(
    connection: Connection, day: date, buckets: Sequence[int]
) -> Mapping[int, Sequence[float]]:
    """Returns the learner's weights, as trained on that night's day, for some hash buckets.

    Those without weights are left out, and all of them once another night has published its own.
    """
    found = await connection.fetch(
        """
        SELECT bucket, weights FROM desk.learned_weights
        WHERE day = $1 AND bucket = ANY($2::int[])
        """,
        day,
        buckets,
    )
    return {row["bucket"]: row["weights"] for row in found}
