"""Changes of somebody that wait for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.items.directory import PersonChange
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Ask:
    """A change of a colleague's deputy or email that a second person must confirm."""

    ask: UUID
    person: PersonId
    change: PersonChange
    value: str | None
    """The deputy's id, or the address; `None`: no deputy any more."""
    asked_by: str
    """As facts name their author."""
    asked_at: datetime


async def put(connection: Connection, ask: Ask) -> None:
    """Stores a requested change of a colleague's record, which a second person must confirm.

    Raises Refused when one of the same kind waits for that person.
    """
    kept = await connection.fetchval(
        """
        INSERT INTO desk.person_asks (ask, person, change, value, asked_by, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (person, change) WHERE settled_at IS NULL DO NOTHING RETURNING true
        """,
        ask.ask,
        ask.person,
        ask.change.value,
        ask.value,
        ask.asked_by,
        ask.asked_at,
    )
    if not kept:
        raise Refused(
            f"The same change of {ask.person} waits for a second person already.", "ask-waits"
        )


async def waiting(connection: Connection, person: PersonId) -> Sequence[Ask]:
    """Returns the changes of a colleague's record that wait for a second person, oldest first."""
    rows = await connection.fetch(
        """
        SELECT ask, person, change, value, asked_by, asked_at FROM desk.person_asks
        WHERE person = $1 AND settled_at IS NULL ORDER BY asked_at, ask
        """,
        person,
    )
    return [
        Ask(**{**row, "change": PersonChange(row["change"]), "person": PersonId(row["person"])})
        for row in rows
    ]


async def settle(
    connection: Connection, ask: UUID, by: str, now: datetime, *, agreed: bool
) -> bool:
    """Marks a requested change as agreed or refused; returns whether it was still waiting."""
    return bool(
        await connection.fetchval(
            """
            UPDATE desk.person_asks SET settled_by = $2, settled_at = $3, agreed = $4
            WHERE ask = $1 AND settled_at IS NULL RETURNING true
            """,
            ask,
            by,
            now,
            agreed,
        )
    )
