"""People as the register's pages change them: absences by number, and who changed what, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.facts.envelope import PersonId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Away:
    """An absence of a person that is not cancelled; local days, both included."""

    number: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """A version of a colleague's record in the directory, with its author and moment."""

    since: datetime
    author: str
    capacity: str
    services: Sequence[str]
    deputy: str | None
    gone: bool


async def absences_of(
    connection: Connection, person: PersonId, now: datetime, today: date
) -> Sequence[Away]:
    """Returns a person's present and future absences, the soonest first."""
    rows = await connection.fetch(
        """
        SELECT id AS number, first_day AS first, last_day AS last FROM site.absences AS absence
        WHERE person = $1 AND cancels IS NULL AND valid_from <= $2 AND last_day >= $3
          AND NOT EXISTS (SELECT 1 FROM site.absences AS cancelled
                          WHERE cancelled.cancels = absence.id)
        ORDER BY first_day, id
        """,
        person,
        now,
        today,
    )
    return [Away(**row) for row in rows]


async def changes_of(
    connection: Connection, person: PersonId, *, limit: int = 20
) -> Sequence[DirectoryChange]:
    """Returns the `limit` newest versions of a colleague's directory record, newest first."""
    rows = await connection.fetch(
        """
        SELECT valid_from AS since, author, capacity, services, deputy, gone FROM site.people
        WHERE person = $1 ORDER BY valid_from DESC, id DESC LIMIT $2
        """,
        person,
        limit,
    )
    return [DirectoryChange(**row) for row in rows]


async def is_known(connection: Connection, person: PersonId) -> bool:
    """Returns whether any person of the directory ever had this id."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM site.people WHERE person = $1)", person
        )
    )


async def revoke_keys_given_by(
    connection: Connection, giver: str, by: str, now: datetime
) -> Sequence[str]:
    """Revokes for good the API keys that somebody gave; returns their public halves.

    Their tokens were shown to whoever gave them, once. `giver`, and `by`, who revokes, as facts
    name an author. The journal is the caller's to write.
    """
    rows = await connection.fetch(
        """
        UPDATE desk.api_keys SET revoked_by = $2, revoked_at = $3
        WHERE given_by = $1 AND revoked_at IS NULL AND expires_at > $3 RETURNING key
        """,
        giver,
        by,
        now,
    )
    return sorted(row["key"] for row in rows)
