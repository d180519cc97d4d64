"""Questions of the API beside items: what left, figures, standard letters in force.

Figures are of the one function of the database that counts them (sql/0220, ADR 0078).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.desk.store.cursors import MomentCursor
from services.desk.store.visibility import Visibility
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ListedDeparture:
    """An outgoing letter or email in a list of the API: its chrono, its item's, its moment."""

    departure: str
    chrono: str
    service: str
    recorded_at: datetime


async def departures(
    connection: Connection, seen: Visibility, after: MomentCursor | None, limit: int
) -> Sequence[ListedDeparture]:
    """Reads at most `limit` outgoing letters of items that a key may know of, the latest first."""
    # In a generic plan "behind a departure or at the start" would read every departure.
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
    start = (None, None) if after is None else (after.key, after.name)
    rows = await connection.fetch(
        """
        SELECT d.chrono AS departure, i.chrono, i.service, d.recorded_at
        FROM desk.departures d JOIN desk.items i USING (item_id)
        WHERE desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
          AND ($6::timestamptz IS NULL OR (d.recorded_at, d.chrono) < ($6, $7::text))
        ORDER BY d.recorded_at DESC, d.chrono DESC LIMIT $8
        """,
        *seen,
        *start,
        limit,
    )
    return [ListedDeparture(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class ServiceFigure:
    """A quality figure of one service and month: `k` kept of `n`, with its confidence interval."""

    code: str
    service: str
    month: date
    k: int
    n: int
    low: float
    high: float
    late: int
    overdue: int
    unanswered: int
    open: int


async def figures(
    connection: Connection, services: Sequence[str], first: date, last: date, *, as_closed: bool
) -> Sequence[ServiceFigure]:
    """Reads quality figures of some services by month, over all channels, by month and service.

    `as_closed`: only closed months, as they were closed.
    """
    rows = await connection.fetch(
        """
        SELECT code, service, month, k, n, low, high, late, overdue, unanswered, open
        FROM desk.figures($2, $3, NULL, $1::text[], NULL, $4)
        WHERE service IS NOT NULL AND month IS NOT NULL AND channel IS NULL
        ORDER BY month, service, code
        """,
        services,
        first,
        last,
        as_closed,
    )
    return [ServiceFigure(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class LetterInForce:
    """An approved version of a standard letter, with its text."""

    letter: str
    number: int
    service: str | None
    """`None`: every service."""
    kind: str
    title: str
    subject: str
    body: str


async def in_force(connection: Connection, services: Sequence[str]) -> Sequence[LetterInForce]:
    """Reads the approved standard letters of some services, and those for all services."""
    rows = await connection.fetch(
        """
        SELECT letter, version.number, letters.service, kind, title, subject, body
        FROM desk.letter_versions AS version JOIN desk.letters AS letters USING (letter)
        WHERE version.state = 'approved'
          AND (letters.service IS NULL OR letters.service = ANY($1::text[]))
        ORDER BY letters.service NULLS FIRST, letter
        """,
        services,
    )
    return [LetterInForce(**row) for row in rows]
