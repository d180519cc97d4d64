"""The door of auditors on site: two codes, one browser, a few days; secrets as digests alone."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from shared.platform.database import Connection

MOST_TRIES = 5
"""Wrong codes after which a session stays closed."""


class Knock(StrEnum):
    """The answer to whoever types an auditor's codes: let in, let in again, refused, closed."""

    OPENED = "opened"
    """For the first time, in this browser."""
    AGAIN = "again"
    """In the browser that opened it before."""
    REFUSED = "refused"
    CLOSED = "closed"
    """Refused, and it was the last try: the session stays closed."""


@dataclass(frozen=True, slots=True)
class TypedCodes:
    """The codes that an auditor typed, and the secret of their browser."""

    invited: str
    confirmed: str
    browser: str
    """Of the session that was opened here before; empty: none was."""
    fresh: str
    """By which the browser is known once both codes open a session in it."""


async def prepare(
    connection: Connection, number: int, days: tuple[date, date], invited: str
) -> None:
    """Stores an auditor's access: local days, and the code of whoever invited."""
    await connection.execute(
        """
        INSERT INTO desk.auditor_doors (number, first_day, last_day, invited)
        VALUES ($1, $2, $3, $4)
        """,
        number,
        *days,
        _digest(invited),
    )


async def confirm(connection: Connection, number: int, confirmed: str) -> None:
    """Stores the second person's code of an auditor's access, without which nobody comes in."""
    await connection.execute(
        "UPDATE desk.auditor_doors SET confirmed = $2 WHERE number = $1", number, _digest(confirmed)
    )


async def knock(
    connection: Connection, typed: TypedCodes, today: date, now: datetime
) -> tuple[Knock, int | None]:
    """Signs an auditor in by the two codes of their access; returns the answer and its number.

    The browser that opened the access needs only the second code from then on. Codes that open a
    new access are preferred to the access that this browser opened before. A wrong second code is
    counted, and the last one allowed closes the access. The number is `None` if no access fits what
    was typed.
    """
    row = await connection.fetchrow(
        """
        SELECT number, confirmed = $2 AS right_code, browser IS NULL AS new, tries
        FROM desk.auditor_doors
        WHERE (browser = $3 OR browser IS NULL AND invited = $1) AND confirmed IS NOT NULL
          AND closed_at IS NULL AND $4 BETWEEN first_day AND last_day
        ORDER BY browser IS NULL DESC LIMIT 1 FOR UPDATE
        """,
        _digest(typed.invited),
        _digest(typed.confirmed),
        _digest(typed.browser),
        today,
    )
    if row is None:
        return Knock.REFUSED, None
    if not row["right_code"]:
        await connection.execute(
            "UPDATE desk.auditor_doors SET tries = tries + 1 WHERE number = $1", row["number"]
        )
        if row["tries"] + 1 < MOST_TRIES:
            return Knock.REFUSED, row["number"]
        await close(connection, row["number"], now)
        return Knock.CLOSED, row["number"]
    await connection.execute(
        "UPDATE desk.auditor_doors SET browser = $2, tries = 0 WHERE number = $1",
        row["number"],
        _digest(typed.fresh if row["new"] else typed.browser),
    )
    return (Knock.OPENED if row["new"] else Knock.AGAIN), row["number"]


async def is_open(connection: Connection, number: int, today: date) -> bool:
    """Whether an auditor's access is confirmed, not closed, and granted for a local day."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM desk.auditor_doors
                           WHERE number = $1 AND confirmed IS NOT NULL AND closed_at IS NULL
                             AND $2 BETWEEN first_day AND last_day)
            """,
            number,
            today,
        )
    )


async def close(connection: Connection, number: int, now: datetime) -> None:
    """Closes an auditor's access for good, and signs its browser out."""
    await connection.execute(
        """
        UPDATE desk.auditor_doors SET closed_at = coalesce(closed_at, $2), browser = NULL
        WHERE number = $1
        """,
        number,
        now,
    )
    await connection.execute("DELETE FROM desk.sessions WHERE auditor = $1", number)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
